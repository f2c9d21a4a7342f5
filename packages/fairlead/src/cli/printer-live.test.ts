import { Writable } from "node:stream";
import { PassThrough } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";

import { afterEach, describe, expect, it } from "vitest";

import { createScreen } from "../../test/cli/screen.ts";
import { createPrinter } from "./printer.ts";

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const printer of opened.splice(0)) printer.close();
});

function terminal(columns = 60, rows = 24) {
  const screen = createScreen({ columns });
  const write = (chunk: Buffer, _encoding: string, done: () => void) => {
    screen.write(chunk.toString());
    done();
  };
  const stderr = Object.assign(new Writable({ write }), { isTTY: true, columns, rows });
  const stdout = Object.assign(new Writable({ write }), { isTTY: true, columns, rows });
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const env = { TERM: "xterm" };
  const printer = createPrinter({ stdin, stdout, stderr, env, json: false, color: true, verbose: false });
  opened.push(printer);
  const resize = (width: number) => {
    stderr.columns = width;
    screen.resize(width);
  };
  return { screen, printer, stdin, resize };
}

const settled = () => delay(120);

describe("on a terminal", () => {
  it("shows running steps below what is final, and ends without a trace of them", async () => {
    const { screen, printer } = terminal();
    const build = printer.step("build");
    const warm = printer.step("warm up");
    build.update("compiling 3/7");
    await settled();
    expect(screen.cursorVisible).toBe(false);
    expect(screen.lines()[0]).toMatch(/^\S build · compiling 3\/7$/);
    expect(screen.lines()[1]).toMatch(/^\S warm up$/);
    printer.note("a note");
    printer.line("a result");
    build.done("7 files");
    expect(screen.lines().slice(0, 2)).toEqual(["a note", "a result"]);
    expect(screen.lines()[2]).toMatch(/^✓ build · 7 files \(\d+ ms\)$/);
    expect(screen.lines()[3]).toMatch(/^\S warm up$/);
    warm.skip("nothing to do");
    expect(screen.lines().slice(3)).toEqual(["– warm up · nothing to do"]);
    expect(screen.cursorVisible).toBe(true);
  });

  it("cuts long lines and control sequences, so that drawing again leaves no rubbish", async () => {
    const { screen, printer } = terminal(30);
    const step = printer.step("compile");
    step.update(`\u001B[2J\u001B[1;1Hline one\nline two ${"x".repeat(200)}`);
    await settled();
    await settled();
    expect(screen.lines()).toHaveLength(1);
    expect(screen.lines()[0]).toMatch(/^\S compile · line one line tw…$/);
    step.done();
    expect(screen.lines()).toHaveLength(1);
  });

  it("survives a window that becomes narrower and wider", async () => {
    const { screen, printer, resize } = terminal(60);
    printer.note("first");
    const step = printer.step("a step whose line is nearly as long as the window");
    await settled();
    resize(20);
    await settled();
    resize(50);
    await settled();
    step.done();
    expect(screen.lines()[0]).toBe("first");
    expect(screen.lines()).toHaveLength(3);
    expect(screen.lines().slice(1).join("")).toMatch(/^✓ a step whose .* \(\d+ ms\)$/);
  });

  it("shows as many steps as the window has room for", async () => {
    const { screen, printer } = terminal(40, 4);
    const steps = [1, 2, 3, 4, 5, 6].map((number) => printer.step(`step ${String(number)}`));
    await settled();
    expect(screen.lines()).toHaveLength(3);
    expect(screen.lines()[2]).toBe("… and 4 more");
    for (const step of steps) step.done();
    expect(screen.lines()).toHaveLength(6);
  });

  it("marks what was running when the command failed", () => {
    const { screen, printer } = terminal(200);
    printer.step("migrate");
    printer.fail({ code: "sorry", message: "no way", hint: "turn back", details: ["log line"] });
    const [step, ...failure] = screen.lines();
    expect(step).toMatch(/^✗ migrate · interrupted/);
    expect(failure).toEqual(["✗ no way", "  log line", "  → turn back", "  code: sorry"]);
    expect(screen.cursorVisible).toBe(true);
  });

  it("never shows a concealed text, not even a part of it at the edge of the window", async () => {
    const { screen, printer } = terminal(30);
    printer.conceal("correct-horse-battery-staple");
    printer.step("connect").update("with correct-horse-battery-staple to db");
    await settled();
    expect(screen.lines().join("\n")).not.toMatch(/correct|horse/);
  });

  it("puts the steps aside while it asks", async () => {
    const { screen, printer, stdin } = terminal();
    const step = printer.step("wait");
    const answer = printer.confirm("Go on?");
    await settled();
    expect(screen.lines()).toEqual(["? Go on? [y/N]"]);
    expect(screen.cursorVisible).toBe(true);
    stdin.write("yes\n");
    expect(await answer).toBe(true);
    step.done();
  });

  it.each([
    ["y\n", true],
    ["Y\n", true],
    ["\n", false],
    ["no\n", false],
    [undefined, false],
  ])("takes %j as %s", async (typed, expected) => {
    const { printer, stdin } = terminal();
    const answer = printer.confirm("Go on?");
    if (typed === undefined) stdin.end();
    else stdin.write(typed);
    expect(await answer).toBe(expected);
  });

  it("stops asking when the signal fires", async () => {
    const { printer } = terminal();
    const abort = new AbortController();
    const answer = printer.confirm("Go on?", abort.signal);
    abort.abort();
    await expect(answer).rejects.toMatchObject({ code: "cancelled" });
  });
});
