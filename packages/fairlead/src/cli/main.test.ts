import { mkdtemp, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { type Context, FairleadError, testContext } from "../kernel/index.ts";
import type { CommandInput, CommandSpec } from "./command.ts";
import { main } from "./main.ts";
import { commandSpecs } from "./registry.ts";

function specOf(run: (context: Context, input: CommandInput) => Promise<number | void>): CommandSpec[] {
  return [
    {
      name: "ship",
      group: "Ship",
      summary: "ship it",
      usage: "ship <environment> [other]",
      arguments: [
        { name: "environment", summary: "where", required: true },
        { name: "other", summary: "what else", required: false },
      ],
      options: {
        tail: { type: "string", summary: "lines", default: "100" },
        follow: { type: "boolean", short: "f", summary: "go on" },
      },
      examples: [],
      load: () => Promise.resolve({ run }),
    },
    { ...commandTemplate, name: "db migrate", load: () => Promise.resolve({ run }) },
    { ...commandTemplate, name: "db status", load: () => Promise.resolve({ run }) },
  ];
}

const commandTemplate: Pick<CommandSpec, "group" | "summary" | "usage" | "examples"> = {
  group: "Maintain",
  summary: "a command",
  usage: "db",
  examples: [],
};

async function inputOf(argv: string[]): Promise<CommandInput> {
  let received: CommandInput | undefined;
  const context = testContext();
  const specs = specOf((_context, input) => {
    received = input;
    return Promise.resolve();
  });
  const code = await main(argv, context, specs);
  if (received === undefined) throw new Error(`exit ${String(code)}: ${context.out.stderr.join("\n")}`);
  return received;
}

async function failureOf(argv: string[]) {
  const context = testContext();
  const code = await main(argv, context);
  return { code, failure: context.out.failures[0] };
}

describe("arguments", () => {
  it("gives a command its arguments, its options with defaults and the global ones", async () => {
    expect(await inputOf(["ship", "staging", "-f", "--yes"])).toEqual({
      positionals: ["staging"],
      options: { tail: "100", follow: true, config: undefined, verbose: undefined },
      json: false,
      yes: true,
    });
  });

  it("takes global options before the command, and the last of two values", async () => {
    const input = await inputOf(["--config", "other.ts", "--json", "ship", "a", "--tail=5", "--tail", "7"]);
    expect(input.options).toMatchObject({ config: "other.ts", tail: "7" });
    expect(input.json).toBe(true);
  });

  it("takes what follows -- as arguments", async () => {
    expect((await inputOf(["ship", "--", "--yes", "-f"])).positionals).toEqual(["--yes", "-f"]);
  });

  it("finds commands of two words, with options between them", async () => {
    expect((await inputOf(["db", "--yes", "migrate"])).yes).toBe(true);
  });

  it.each([
    [["deploi", "staging"], "unknown command deploi; did you mean fairlead deploy?"],
    [["db", "migrat", "x"], "unknown command db migrat; did you mean fairlead db migrate?"],
    [["db"], "fairlead db needs one of: db migrate, db status, db reset, db seed"],
    [["zzzzzz"], "unknown command zzzzzz"],
    [["deploy", "a", "--rebiuld"], "unknown option --rebiuld; did you mean --rebuild?"],
    [["deploy", "a", "-z"], "unknown option -z"],
    [["deploy", "a", "--rebuild=no"], "--rebuild takes no value"],
    [["logs", "a", "--tail"], "--tail needs a value: --tail <n>"],
    [["logs", "a", "--tail", "--follow"], "--tail needs a value: --tail <n>"],
    [["deploy"], "fairlead deploy needs <environment>: where to deploy"],
    [["promote", "staging"], "fairlead promote needs <to>: environment it goes to"],
    [["deploy", "a", "b"], "unexpected argument b"],
    [["help", "nothing"], "no help on nothing"],
    [["status", "--cwd", "/no/such/place"], "--cwd /no/such/place: no such directory"],
  ])("refuses %j as usage", async (argv, message) => {
    const { code, failure } = await failureOf(argv);
    expect(failure).toMatchObject({ code: "usage", message });
    expect(code).toBe(2);
  });
});

describe("exit codes", () => {
  it.each([
    ["checkFailed", 1],
    ["usage", 2],
    ["environment", 3],
    ["remote", 4],
    ["cancelled", 130],
  ] as const)("%s is %i", async (exit, code) => {
    const context = testContext();
    const specs = specOf(() => Promise.reject(new FairleadError("sorry", "no", { exit, hint: "do" })));
    expect(await main(["ship", "a"], context, specs)).toBe(code);
    expect(context.out.failures).toEqual([{ code: "sorry", message: "no", hint: "do", details: [] }]);
  });

  it("is what the command gives, 0 where it gives nothing", async () => {
    const codes = [undefined, 0, 1].map((code) =>
      main(
        ["ship", "a"],
        testContext(),
        specOf(() => Promise.resolve(code)),
      ),
    );
    expect(await Promise.all(codes)).toEqual([0, 0, 1]);
  });

  it("is 70 for what nobody expected, with the stack and what to report", async () => {
    const context = testContext();
    const specs = specOf(() => Promise.reject(new TypeError("x is not a function")));
    expect(await main(["ship", "a"], context, specs)).toBe(70);
    const [failure] = context.out.failures;
    expect(failure?.message).toContain("x is not a function");
    expect(failure?.hint).toContain("report");
    expect(failure?.details.join("\n")).toMatch(/main\.test\.ts[^]*fairlead \d+\.\d+\.\d+, Node\.js/);
  });

  it("is 130 where Ctrl-C ended a call of Node.js itself, 70 where nobody pressed it", async () => {
    const abort = new DOMException("The operation was aborted", "AbortError");
    const specs = specOf(() => Promise.reject(abort));
    expect(await main(["ship", "a"], testContext({ signal: AbortSignal.abort() }), specs)).toBe(130);
    expect(await main(["ship", "a"], testContext(), specs)).toBe(70);
  });

  it("shows causes with --verbose only", async () => {
    const error = new FairleadError("sorry", "no", { cause: new Error("the root") });
    const specs = specOf(() => Promise.reject(error));
    const [terse, verbose] = [testContext(), testContext()];
    await main(["ship", "a"], terse, specs);
    await main(["ship", "a", "--verbose"], verbose, specs);
    expect(terse.out.failures[0]?.details).toEqual([]);
    expect(verbose.out.failures[0]?.details.join("\n")).toContain("caused by Error: the root");
  });
});

describe("--json", () => {
  it("gives one document with the data, and no lines", async () => {
    const context = testContext();
    const specs = specOf(({ out }) => {
      out.line("for people");
      out.json({ answer: 42 });
      out.note("progress");
      return Promise.resolve();
    });
    expect(await main(["ship", "a", "--json"], context, specs)).toBe(0);
    expect(context.out.values).toEqual([{ v: 1, ok: true, data: { answer: 42 } }]);
    expect(context.out.stdout).toEqual([]);
    expect(context.out.stderr).toEqual(["progress"]);
  });

  it("gives no document without the flag", async () => {
    const context = testContext();
    const specs = specOf(({ out }) => {
      out.json(1);
      return Promise.resolve();
    });
    await main(["ship", "a"], context, specs);
    expect(context.out.values).toEqual([]);
  });

  it("gives the error beside the data of a command that failed", async () => {
    const context = testContext();
    const specs = specOf(({ out }) => {
      out.json({ done: 1 });
      return Promise.reject(new FairleadError("sorry", "no", { details: ["line"] }));
    });
    expect(await main(["ship", "a", "--json"], context, specs)).toBe(1);
    const error = { code: "sorry", message: "no", details: ["line"] };
    expect(context.out.values).toEqual([{ v: 1, ok: false, data: { done: 1 }, error }]);
  });

  it("gives usage errors and the version, too", async () => {
    const [wrong, version] = [testContext(), testContext()];
    expect(await main(["deploy", "--json"], wrong)).toBe(2);
    expect(wrong.out.values).toMatchObject([{ v: 1, ok: false, error: { code: "usage" } }]);
    expect(await main(["--json", "--version"], version)).toBe(0);
    expect(version.out.values).toMatchObject([{ v: 1, ok: true, data: { version: expect.any(String) } }]);
  });
});

describe("questions", () => {
  const ask = specOf(async ({ out }) => ((await out.confirm("really?")) ? 0 : 1));

  it("are answered by a person, by --yes, or refused where nobody can answer", async () => {
    expect(await main(["ship", "a"], testContext({ answers: [true] }), ask)).toBe(0);
    expect(await main(["ship", "a"], testContext({ answers: [false] }), ask)).toBe(1);
    expect(await main(["ship", "a", "--yes"], testContext(), ask)).toBe(0);
    const context = testContext();
    expect(await main(["ship", "a"], context, ask)).toBe(2);
    expect(context.out.failures[0]?.hint).toContain("--yes");
    expect(await main(["ship", "a", "--json"], testContext({ answers: [true] }), ask)).toBe(2);
  });
});

it("--cwd moves the context and the processes it starts", async () => {
  const directory = await realpath(await mkdtemp(join(tmpdir(), "fairlead-cwd-")));
  const context = testContext();
  const specs = specOf(async ({ cwd, exec, out }) => {
    const { stdout } = await exec(["pwd"]);
    out.line(`${cwd} ${stdout.trim()}`);
  });
  await main(["ship", "a", "--cwd", directory], context, specs);
  expect(context.out.stdout).toEqual([`${directory} ${directory}`]);
});

describe("help", () => {
  const helpOf = async (...argv: string[]) => {
    const context = testContext();
    expect(await main(argv, context)).toBe(0);
    return context.out.stdout.join("\n");
  };

  it("names every command on one screen", async () => {
    const text = await helpOf();
    expect(text.split("\n").length).toBeLessThanOrEqual(25);
    for (const spec of commandSpecs) expect(text).toContain(spec.name.split(" ").at(-1));
    expect(await helpOf("--help")).toBe(text);
    expect(await helpOf("help")).toBe(text);
  });

  it.each(commandSpecs.map((spec) => [spec.name, spec] as const))("explains %s", async (name, spec) => {
    const text = await helpOf(...name.split(" "), "--help");
    expect(await helpOf("help", ...name.split(" "))).toBe(text);
    expect(spec.examples.length).toBeGreaterThanOrEqual(2);
    for (const { command } of spec.examples) {
      expect(text).toContain(command);
      expect(command).toMatch(new RegExp(`^fairlead ${name}\\b`));
    }
    for (const option of Object.keys(spec.options ?? {})) expect(text).toContain(`--${option}`);
    expect(text.split("\n").every((line) => line.length <= 110)).toBe(true);
  });

  it("explains the first word of commands, and the exit codes", async () => {
    expect(await helpOf("db", "--help")).toContain("db reset <environment>");
    expect(await helpOf("help", "exit-codes")).toMatch(/130 +cancelled/);
  });
});

it.each(commandSpecs.map((spec) => [spec.name, spec] as const))("%s can be loaded", async (_name, spec) => {
  expect(typeof (await spec.load()).run).toBe("function");
});
