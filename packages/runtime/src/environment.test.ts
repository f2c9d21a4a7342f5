import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { expect, test } from "vitest";
import { z } from "zod";

import { defineEnvironment, formatEnvironmentProblems } from "./environment.ts";

const run = promisify(execFile);

const schema = z.object({
  DATABASE_URL: z
    .string()
    .describe("a PostgreSQL URL")
    .refine((url) => url.startsWith("postgresql://"), {
      error: (issue) => `wrong protocol in ${String(issue.input)}`,
    }),
  SESSION_SECRET: z.string().min(32),
  LOG_LEVEL: z.enum(["info", "debug"]).default("info"),
});

test("gives the validated values with their defaults", () => {
  const source = { DATABASE_URL: "postgresql://a", SESSION_SECRET: "s".repeat(32), OTHER: "x" };
  const result = defineEnvironment(schema).check(source);
  expect(result).toEqual({
    ok: true,
    values: { DATABASE_URL: "postgresql://a", SESSION_SECRET: "s".repeat(32), LOG_LEVEL: "info" },
  });
});

test("reports every problem at once, with what is expected", () => {
  const result = defineEnvironment(schema).check({
    DATABASE_URL: "",
    LOG_LEVEL: "loud",
    SESSION_SECRET: "ab",
  });
  if (result.ok) throw new Error("accepted");
  expect(result.problems.map((p) => [p.name, p.expected])).toEqual([
    ["DATABASE_URL", "a PostgreSQL URL"],
    ["SESSION_SECRET", "string, at least 32 characters"],
    ["LOG_LEVEL", "one of info, debug, default info"],
  ]);
  expect(result.problems[0]?.problem).toBe("missing");
  const table = formatEnvironmentProblems(result.problems);
  expect(table).toContain("The environment has 3 problems");
  expect(table.split("\n").filter((line) => /^ {2}[A-Z]/.test(line))).toHaveLength(3);
});

test("never prints a value, even where the validator quotes it", () => {
  const secret = "mysql://root:hunter2hunter2@db";
  const result = defineEnvironment(schema).check({ DATABASE_URL: secret, SESSION_SECRET: "s".repeat(40) });
  if (result.ok) throw new Error("accepted");
  expect(formatEnvironmentProblems(result.problems)).not.toContain("hunter2");
  expect(result.problems[0]?.problem).toBe("not valid");
});

test("takes any Standard Schema, also one that cannot describe itself", () => {
  const plain = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: () => ({ issues: [{ message: "no", path: [{ key: "NAME" }] }, { message: "rule" }] }),
    },
  } as const;
  const result = defineEnvironment<unknown>(plain).check({ NAME: "given" });
  expect(result).toEqual({
    ok: false,
    problems: [
      { name: "NAME", problem: "no", expected: "" },
      { name: "environment", problem: "rule", expected: "" },
    ],
  });
});

test("stops the process with exit code 1 and the table", async () => {
  const runtime = JSON.stringify(new URL("./index.ts", import.meta.url).href);
  const script = `
    import { defineEnvironment, enforceEnvironment } from ${runtime};
    import { z } from "zod";
    enforceEnvironment(defineEnvironment(z.object({ A_MISSING_NAME: z.string() })));
    process.stdout.write("went on");
  `;
  const cwd = import.meta.dirname;
  const failure = run(process.execPath, ["--input-type=module", "-e", script], { cwd });
  await expect(failure).rejects.toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("A_MISSING_NAME   missing"),
  });
});
