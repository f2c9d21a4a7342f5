import { createExec, exitCodes, messageOf, systemClock } from "../kernel/index.ts";
import { parseCommandLine } from "./arguments.ts";
import type { CommandSpec } from "./command.ts";
import { main } from "./main.ts";
import type { Printer } from "./printer-basis.ts";
import { createPrinter } from "./printer.ts";
import { commandSpecs } from "./registry.ts";

const samePressMs = 300;

/** Runs the command line of this process to its end: context, printer and signals are made here and nowhere else. */
export async function runProcess(
  argv: readonly string[],
  specs: readonly CommandSpec[] = commandSpecs,
): Promise<void> {
  const { globals } = parseCommandLine(argv, specs);
  const { stdin, stdout, stderr, env } = process;
  const printer = createPrinter({ stdin, stdout, stderr, env, ...globals });
  const interrupt = new AbortController();
  handleSignals(interrupt, printer);
  handleClosedPipes(interrupt);
  const { signal } = interrupt;
  const cwd = process.cwd();
  const exec = createExec({ cwd, env, signal });
  const context = { cwd, env, exec, signal, out: printer, clock: systemClock, fetch };
  process.on("uncaughtException", (error) => {
    printer.fail({
      code: "bug",
      message: `a mistake in fairlead itself: ${messageOf(error)}`,
      details: (error.stack ?? "").split("\n"),
    });
    process.exit(exitCodes.bug);
  });
  const code = await main(argv, context, specs);
  printer.close();
  await Promise.all([flushed(stdout), flushed(stderr)]);
  process.exit(code);
}

// The first Ctrl-C lets the command stop in order, the second one ends it where it is. Wrappers (npm, npx) pass on what the
// terminal has sent to every process already, so one press may come twice.
function handleSignals(interrupt: AbortController, printer: Printer): void {
  let firstAt = 0;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (!interrupt.signal.aborted) {
        firstAt = performance.now();
        printer.note(name === "SIGINT" ? "stopping… (Ctrl-C again: stop at once)" : "stopping…");
        interrupt.abort();
      } else if (performance.now() - firstAt > samePressMs) {
        process.exit(exitCodes.cancelled);
      }
    });
  }
}

// `fairlead logs production -f | head`: who reads has gone, so there is nothing left to do.
function handleClosedPipes(interrupt: AbortController): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", () => {
      interrupt.abort();
    });
  }
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (!stream.writable) {
      resolve();
      return;
    }
    stream.write("", () => {
      resolve();
    });
  });
}
