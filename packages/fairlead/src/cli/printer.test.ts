import { PassThrough, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import { plainStyle } from "./printer-lines.ts";
import { createPlainPrinter } from "./printer-plain.ts";
import { createSink } from "./printer-sink.ts";
import { createPrinter, type PrinterOptions } from "./printer.ts";

function streams() {
  const written = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof written) =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        written[name] += chunk.toString();
        done();
      },
    });
  return { written, stdout: stream("stdout"), stderr: stream("stderr") };
}

function printerOf(env: NodeJS.ProcessEnv = {}, parts: Partial<PrinterOptions> & { isTTY?: boolean } = {}) {
  const { written, stdout, stderr } = streams();
  const isTTY = parts.isTTY ?? false;
  const printer = createPrinter({
    stdin: Object.assign(new PassThrough(), { isTTY }),
    stdout: Object.assign(stdout, { isTTY }),
    stderr: Object.assign(stderr, { isTTY, columns: 80, rows: 24 }),
    env,
    json: false,
    color: true,
    verbose: false,
    ...parts,
  });
  return { printer, written };
}

describe("lines", () => {
  it("prints a step when it ends, progress to stderr and results to stdout", () => {
    const { printer, written } = printerOf();
    const step = printer.step("build");
    step.update("half");
    expect(written.stderr).toBe("");
    step.done("7 files");
    step.done("twice");
    printer.step("seed").skip("no seed command");
    printer.step("smoke").fail("/ answers 500");
    printer.warn("careful");
    printer.line("result");
    expect(written.stdout).toBe("result\n");
    expect(written.stderr.replaceAll(/\d+ ms/g, "n ms").split("\n")).toEqual([
      "✓ build · 7 files (n ms)",
      "– seed · no seed command",
      "✗ smoke · / answers 500 (n ms)",
      "! careful",
      "",
    ]);
  });

  it("says what takes long while it does", async () => {
    const { written, stdout, stderr } = streams();
    const basis = printerBasis({ stdout, stderr });
    const printer = createPlainPrinter(basis, { slowAfterMs: 20 });
    const step = printer.step("build");
    await delay(60);
    expect(written.stderr).toBe("→ build\n");
    step.done();
    expect(written.stderr).toMatch(/^→ build\n✓ build \(\d+ ms\)\n$/);
  });

  it("prints what happens inside a step with --verbose", () => {
    const { printer, written } = printerOf({}, { verbose: true });
    printer.step("build").update("half");
    expect(written.stderr).toBe("· build: half\n");
  });

  it("ends what still runs when the printer is closed", () => {
    const { printer, written } = printerOf();
    printer.step("build");
    printer.close();
    expect(written.stderr).toMatch(/^✗ build · interrupted/);
  });
});

describe("secrets", () => {
  it("are left out of everything that is written", () => {
    const { printer, written } = printerOf();
    printer.conceal('pa"ss-word-1');
    printer.conceal("-----BEGIN KEY-----\nabcdefgh\n-----END KEY-----");
    printer.note('note pa"ss-word-1');
    printer.warn("abcdefgh");
    printer.line("postgresql://role:hidden@localhost/db");
    printer.step('pa"ss-word-1').done('pa"ss-word-1');
    printer.fail({ code: "x", message: 'pa"ss-word-1', details: ["abcdefgh"], hint: 'pa"ss-word-1' });
    printer.json({ a: 'x pa"ss-word-1', url: "http://localhost:3000", by: ["me@example.org"] });
    const all = written.stdout + written.stderr;
    expect(all).not.toMatch(/ss-word-1|abcdefgh|hidden/);
    expect(all.match(/\[redacted\]/g)).toHaveLength(9);
    expect(JSON.parse(written.stdout.slice(written.stdout.indexOf("{")))).toEqual({
      a: "x [redacted]",
      url: "http://localhost:3000",
      by: ["me@example.org"],
    });
  });
});

describe("colours", () => {
  const isColored = (env: NodeJS.ProcessEnv, isTTY: boolean, color = true) => {
    const { printer, written } = printerOf({ CI: "1", ...env }, { isTTY, color });
    printer.warn("careful");
    return written.stderr.includes("\u001B[");
  };

  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: "1" }, true, false],
    [{ NO_COLOR: "" }, true, true],
    [{ TERM: "dumb" }, true, false],
    [{ FORCE_COLOR: "1" }, false, true],
    [{ FORCE_COLOR: "0" }, true, false],
    [{ FORCE_COLOR: "1", NO_COLOR: "1" }, false, true],
  ])("%j, terminal %s: %s", (env, isTTY, expected) => {
    expect(isColored(env, isTTY)).toBe(expected);
  });

  it("--no-color wins over FORCE_COLOR", () => {
    expect(isColored({ FORCE_COLOR: "1" }, true, false)).toBe(false);
  });
});

describe("where nobody can be asked", () => {
  it.each([
    [{}, {}, false],
    [{}, { isTTY: true }, true],
    [{ CI: "true" }, { isTTY: true }, false],
    [{ CI: "false" }, { isTTY: true }, true],
    [{}, { isTTY: true, json: true }, false],
  ])("%j %j: interactive is %s", (env, parts, expected) => {
    const { printer } = printerOf(env, parts);
    expect(printer.interactive).toBe(expected);
    printer.close();
  });

  it.each([[{ CI: "true" }], [{ TERM: "dumb" }]])("moves no cursor with %j", (env) => {
    const { printer, written } = printerOf(env, { isTTY: true, color: false });
    printer.step("build").done();
    expect(written.stderr).not.toContain("\u001B");
  });
});

describe("in GitHub Actions", () => {
  it("annotates, folds details, and lets no foreign text become a workflow command", () => {
    const { printer, written } = printerOf({ GITHUB_ACTIONS: "true", CI: "true" });
    printer.warn("50% done\nreally");
    printer.line("::set-output name=x::y");
    printer.line("  ##[error]z");
    printer.fail({ code: "sorry", message: "no", hint: "do", details: ["::error::planted", "log"] });
    expect(written.stdout).toBe(": :set-output name=x::y\n  ## [error]z\n");
    expect(written.stderr.split("\n")).toEqual([
      "::warning::50%25 done%0Areally",
      "::error title=fairlead sorry::no%0Ado",
      "::group::details",
      "  : :error::planted",
      "  log",
      "::endgroup::",
      "",
    ]);
  });
});

function printerBasis({ stdout, stderr }: { stdout: Writable; stderr: Writable }) {
  const sink = createSink({ stdout, stderr, env: {}, color: false });
  return { sink, stdin: new PassThrough(), interactive: false, style: plainStyle, verbose: false };
}
