// A fairlead with commands of its own for the tests of terminals and signals: `node session.ts <command>`.
import type { CommandSpec } from "../../src/cli/command.ts";
import { runProcess } from "../../src/cli/main-process.ts";
import type { Context } from "../../src/kernel/index.ts";

const commands: Record<string, (context: Context) => Promise<number | void>> = {
  /** Waits for Ctrl-C, then ends in order. */
  async wait({ out, clock, signal }) {
    const step = out.step("waiting");
    out.note("ready");
    await clock.sleep(60_000, signal).catch(() => undefined);
    step.done("put away");
    return 0;
  },
  /** Gives up on Ctrl-C with the error of what it was waiting for. */
  async give({ out, clock, signal }) {
    out.step("waiting");
    out.note("ready");
    await clock.sleep(60_000, signal);
  },
  /** Does not react to Ctrl-C. */
  async stubborn({ out, clock }) {
    out.step("waiting");
    out.note("ready");
    await clock.sleep(60_000);
  },
  async ask({ out, signal }) {
    out.line((await out.confirm("Go on?", signal)) ? "gone on" : "left");
  },
  async flood({ out, clock, signal }) {
    while (!signal.aborted) {
      out.line("x".repeat(1000));
      await clock.sleep(1, signal);
    }
  },
  later({ out }) {
    out.note("ready");
    setTimeout(() => {
      throw new Error("nobody waits for this");
    }, 10);
    return new Promise(() => undefined);
  },
};

const specs = Object.entries(commands).map(([name, run]): CommandSpec => ({
  name,
  group: "Inspect",
  summary: name,
  usage: name,
  examples: [],
  load: () => Promise.resolve({ run }),
}));
await runProcess(process.argv.slice(2), specs);
