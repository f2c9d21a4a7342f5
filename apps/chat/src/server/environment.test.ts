import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { contentSecurityPolicy } from "./content-security-policy.ts";
import { environment } from "./environment.ts";
import { expectedMigration } from "./expected-migration.ts";

const application = join(import.meta.dirname, "../..");
const complete = { DATABASE_URL: "postgresql://u:p@h/d", SESSION_SECRET: "s".repeat(32) };

test("fills in what has a default", () => {
  expect(environment.check(complete)).toMatchObject({
    ok: true,
    values: { LOG_LEVEL: "info", RATE_LIMIT_SCALE: 1 },
  });
});

test.each([
  [{ ...complete, DATABASE_URL: "mysql://u:p@h/d" }, "DATABASE_URL"],
  [{ ...complete, SESSION_SECRET: "s".repeat(31) }, "SESSION_SECRET"],
  [{ ...complete, LOG_LEVEL: "loud" }, "LOG_LEVEL"],
  [{ ...complete, RATE_LIMIT_SCALE: "0" }, "RATE_LIMIT_SCALE"],
])("refuses %j", (source, name) => {
  const result = environment.check(source);
  expect(result.ok ? [] : result.problems.map((problem) => problem.name)).toEqual([name]);
});

test("the example lists every variable, without a secret", () => {
  const example = readFileSync(join(application, ".env.example"), "utf8");
  const names = [...example.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
  expect(names).toEqual(["DATABASE_URL", "SESSION_SECRET", "LOG_LEVEL", "RATE_LIMIT_SCALE"]);
  expect(example).toMatch(/^SESSION_SECRET=$/m);
});

test("the release expects the newest migration of the folder, and each can be undone", () => {
  const folder = join(application, "migrations");
  const files = readdirSync(folder).sort();
  expect(files.at(-1)).toBe(`${expectedMigration}.sql`);
  for (const file of files) {
    expect(readFileSync(join(folder, file), "utf8")).toMatch(
      /^-- Up Migration[^]+^-- Down Migration\n[^]*\w/m,
    );
  }
});

test("scripts run only with the page's nonce, and never from strings", () => {
  const policy = contentSecurityPolicy("abc", { development: false });
  expect(policy).toContain("script-src 'self' 'nonce-abc' 'strict-dynamic';");
  expect(policy).not.toContain("unsafe");
  expect(contentSecurityPolicy("abc", { development: true })).toContain("'unsafe-eval'");
});
