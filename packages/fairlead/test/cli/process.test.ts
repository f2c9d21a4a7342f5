import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { packageVersion } from "../../src/kernel/index.ts";

const session = fileURLToPath(new URL("session.ts", import.meta.url));
const binary = fileURLToPath(new URL("../../bin/fairlead.js", import.meta.url));
const ctrlC = "\u0003";
const showCursor = "\u001B[?25h";
const hideCursor = "\u001B[?25l";

// Runs a program under a terminal of its own and hands the keys through.
const terminalProgram = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";

interface Running {
  child: ChildProcess;
  /** Resolves when the text has been written, on either stream. */
  seen(text: string): Promise<void>;
  exit(): Promise<{ code: number | null; stdout: string; stderr: string }>;
}

function start(argv: string[], env: Record<string, string> = {}): Running {
  const [program = "", ...rest] = argv;
  const child = spawn(program, rest, {
    env: { PATH: process.env["PATH"], TERM: "xterm", ...env },
    stdio: ["pipe", "pipe", "pipe"],
    timeout: 20_000,
  });
  const written = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      written[name] += text;
    });
  }
  const closed = once(child, "close");
  return {
    child,
    async seen(text) {
      const ended = closed.then(() => "ended");
      while (!(written.stdout + written.stderr).includes(text)) {
        const next = [once(child.stdout, "data"), once(child.stderr, "data")];
        if ((await Promise.race([...next, ended])) === "ended") {
          throw new Error(`ended without ${text}: ${written.stdout}${written.stderr}`);
        }
      }
    },
    async exit() {
      await closed;
      return { code: child.exitCode, ...written };
    },
  };
}

const inTerminal = (command: string) =>
  start(["python3", "-c", terminalProgram, process.execPath, session, command]);
const inPipes = (command: string) => start([process.execPath, session, command]);

describe("on a terminal", () => {
  it("lets the command end in order on Ctrl-C", async () => {
    const running = inTerminal("wait");
    await running.seen("ready");
    running.child.stdin?.write(ctrlC);
    const { code, stdout } = await running.exit();
    expect(stdout).toContain("stopping…");
    expect(stdout).toMatch(/✓.* waiting.*put away/);
    expect(code).toBe(0);
  });

  it("ends with 130 where the command gave up, the cursor shown", async () => {
    const running = inTerminal("give");
    await running.seen("ready");
    running.child.stdin?.write(ctrlC);
    const { code, stdout } = await running.exit();
    expect(code).toBe(130);
    expect(stdout).toContain("cancelled");
    expect(stdout.lastIndexOf(showCursor)).toBeGreaterThan(stdout.lastIndexOf(hideCursor));
  });

  it("ends at once on the second Ctrl-C, the cursor shown", async () => {
    const running = inTerminal("stubborn");
    await running.seen("ready");
    running.child.stdin?.write(ctrlC);
    await running.seen("stopping…");
    await delay(400);
    running.child.stdin?.write(ctrlC);
    const { code, stdout } = await running.exit();
    expect(code).toBe(130);
    expect(stdout.lastIndexOf(showCursor)).toBeGreaterThan(stdout.lastIndexOf(hideCursor));
  });

  it("asks, and takes Ctrl-C for an answer", async () => {
    const [answered, interrupted] = [inTerminal("ask"), inTerminal("ask")];
    await answered.seen("Go on? [y/N]");
    answered.child.stdin?.write("y\n");
    expect((await answered.exit()).stdout).toContain("gone on");
    await interrupted.seen("Go on? [y/N]");
    interrupted.child.stdin?.write(ctrlC);
    expect((await interrupted.exit()).code).toBe(130);
  });
});

describe("in pipes", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("lets the command end in order on %s", async (signal) => {
    const running = inPipes("wait");
    await running.seen("ready");
    running.child.kill(signal);
    const { code, stderr } = await running.exit();
    expect(code).toBe(0);
    expect(stderr).toMatch(/ready\nstopping….*\n✓ waiting · put away/);
  });

  it("takes one Ctrl-C that comes twice, through a wrapper, for one", async () => {
    const running = inPipes("stubborn");
    await running.seen("ready");
    running.child.kill("SIGINT");
    await running.seen("stopping…");
    running.child.kill("SIGINT");
    await delay(500);
    expect(running.child.exitCode).toBe(null);
    running.child.kill("SIGINT");
    expect((await running.exit()).code).toBe(130);
  });

  it("stops when nobody reads on", async () => {
    const running = inPipes("flood");
    await running.seen("xxx");
    running.child.stdout?.destroy();
    expect((await running.exit()).code).toBe(130);
  });

  it("reports what is thrown where nobody waits", async () => {
    const { code, stderr } = await inPipes("later").exit();
    expect(code).toBe(70);
    expect(stderr).toContain("nobody waits for this");
  });
});

describe("bin/fairlead.js", () => {
  const startBinary = (args: string[], nodeArgs: string[] = []) =>
    start([process.execPath, ...nodeArgs, binary, ...args]).exit();

  it("answers --version without loading the program", async () => {
    const refuse =
      "process.getBuiltinModule('module').registerHooks({ load(url, context, next) {" +
      "if (url.startsWith('file:') && !url.endsWith('bin/fairlead.js')) throw new Error(url); return next(url, context) } })";
    const { code, stdout, stderr } = await startBinary(
      ["--version"],
      ["--import", `data:text/javascript,${refuse}`],
    );
    expect(stderr).toBe("");
    expect(stdout).toBe(`${packageVersion()}\n`);
    expect(code).toBe(0);
  });

  it("runs the program", async () => {
    const { code, stderr } = await startBinary(["deploi"]);
    expect(code).toBe(2);
    expect(stderr).toContain("did you mean fairlead deploy?");
  });

  it("refuses an older Node.js in one clear message", async () => {
    const old =
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.11.1' } })";
    const { code, stderr } = await startBinary(["status"], ["--import", `data:text/javascript,${old}`]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/needs Node\.js 22\.18 or newer; this is 20\.11\.1/);
    expect(stderr).toContain("nvm install");
  });
});
