import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { testContext } from "../../kernel/index.ts";
import { withClient } from "../client.ts";
import { type LocalFixture, localFixture } from "../fixture.ts";
import { createLocalPostgres } from "../local.ts";
import { findMachineBinaries, parseVersion } from "./binaries.ts";

describe("Postgres from npm", () => {
  let local: LocalFixture;
  beforeAll(async () => {
    local = await localFixture({ binaries: "npm" });
    await local.database.provision(local.context, "staging");
  });
  afterAll(() => local.close());

  it("is downloaded once, whole, with its links, and serves", async () => {
    const state = await local.database.observe(local.context, "staging");
    expect(state).toMatchObject({ running: true, version: expect.stringMatching(/^18\./) as string });
    expect(state.location).toContain("from npm");
    const tools = join(local.root, ".fairlead", "tools");
    const [installed, ...others] = await readdir(tools);
    expect(others).toEqual([]);
    const entries = await readdir(join(tools, installed ?? ""), { recursive: true });
    const link = entries.find((entry) =>
      entry.endsWith(process.platform === "darwin" ? ".dylib" : "/libpq.so.5"),
    );
    expect((await lstat(join(tools, installed ?? "", link ?? ""))).isSymbolicLink()).toBe(true);

    const { url } = await local.database.connection(local.context, "staging");
    const sql =
      "create extension pgcrypto; select current_setting('server_version_num')::int / 10000 as major";
    const results = await withClient(url, (client) => client.query(sql));
    expect((results as unknown as { rows: unknown[] }[]).at(-1)?.rows).toEqual([{ major: 18 }]);
  });

  it("makes and opens copies", async () => {
    await local.database.branch(local.context, "staging", "copy");
    const opened = await local.database.branches?.open(local.context, "staging", "copy");
    if (opened === undefined) throw new Error("no branches");
    expect((await withClient(opened.url, (client) => client.query("select 1 as one"))).rows).toEqual([
      { one: 1 },
    ]);
  });

  it("stays with its data: another version's binaries are not used for them", async () => {
    await local.database.lifecycle?.stop(local.context, "staging");
    const context = testContext();
    const major18 = (await findMachineBinaries(context, undefined)).some(({ major }) => major === 18);
    const machineOnly = createLocalPostgres({ ...local.options, binaries: "machine" });
    const start = machineOnly.provision(context, "staging");
    if (major18) await start;
    else await expect(start).rejects.toMatchObject({ code: "database-version" });

    const either = createLocalPostgres({ ...local.options, binaries: undefined });
    expect(await either.provision(context, "staging")).toMatchObject({ running: true });
  });
});

describe("binaries of the machine", () => {
  it("are read from what the server says about itself", () => {
    expect(parseVersion("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n")).toEqual({
      major: 15,
      version: "15.18",
    });
    expect(parseVersion("postgres (PostgreSQL) 19beta1")).toEqual({ major: 19, version: "19beta1" });
    expect(parseVersion("command not found")).toBeUndefined();
  });

  it("are those of the PATH first, complete ones only, followed to where they lie", async () => {
    const all = await findMachineBinaries(testContext(), undefined);
    for (const { directory, major } of all) {
      expect(await readdir(directory)).toEqual(expect.arrayContaining(["initdb", "pg_ctl", "postgres"]));
      expect(major).toBeGreaterThanOrEqual(15);
    }
    expect(new Set(all.map(({ directory }) => directory)).size).toBe(all.length);
  });

  it("are missed with a remedy where there are none", async () => {
    const env = { ...process.env, PATH: "/nonexistent" };
    const database = createLocalPostgres({ root: "/nonexistent", application: "chat", binaries: "npm" });
    const [problem] = await database.check(testContext({ env, exec: execWithoutPath }));
    expect(problem).toMatchObject({ remedy: expect.stringContaining("install PostgreSQL") as string });
  });
});

const execWithoutPath: ReturnType<typeof testContext>["exec"] = (argv, options) => {
  if (argv[0] === "npm" || argv[1]?.endsWith("npm-cli.js") === true)
    return Promise.reject(new Error("no npm"));
  return testContext().exec(argv, options);
};
