import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { FairleadError } from "../kernel/index.ts";
import { migrateDown } from "./down.ts";
import { type MigrationFixture, migrationFixture } from "./fixture.ts";
import { proveDown } from "./proof.ts";
import type { MigrationRequest } from "./request.ts";
import { migrationStatus } from "./status.ts";
import { migrationTools } from "./tools.ts";
import { migrateUp } from "./up.ts";

let fixture: MigrationFixture;
beforeAll(async () => {
  fixture = await migrationFixture();
});
afterAll(() => fixture.close());
beforeEach(() => fixture.reset());

const modules = fileURLToPath(new URL("../../../../node_modules", import.meta.url));

const people = `-- Up Migration
create table person (id serial primary key, name text not null);
-- Down Migration
drop table person;
`;
const emails = `exports.up = (pgm) => { pgm.addColumn("person", { email: { type: "text" } }); };
exports.down = (pgm) => { pgm.dropColumn("person", "email"); };
`;
const orders = `import type { MigrationBuilder } from "node-pg-migrate";
export const up = (pgm: MigrationBuilder): void => { pgm.createTable("order", { id: "id", person: { type: "int", references: "person" } }); };
`;
const broken = `-- Up Migration
create table half (id int);
alter table nowhere add column x int;
-- Down Migration
drop table half;
`;

async function request(files: Record<string, string>, directory = "migrations"): Promise<MigrationRequest> {
  const applicationDirectory = await fixture.application(files);
  await symlink(modules, join(applicationDirectory, "node_modules"));
  return {
    tool: migrationTools["node-pg-migrate"],
    applicationDirectory,
    directory,
    databaseUrl: fixture.url,
  };
}

const three = {
  "migrations/1700000000001_people.sql": people,
  "migrations/1700000000002_emails.js": emails,
  "migrations/1700000000003_orders.ts": orders,
  "migrations/.keep": "",
};
const names = ["1700000000001_people", "1700000000002_emails", "1700000000003_orders"];

async function failureOf(run: Promise<unknown>): Promise<FairleadError> {
  const error: unknown = await run.catch((thrown: unknown) => thrown);
  if (error instanceof FairleadError) return error;
  throw new Error("it did not fail as it should", { cause: error });
}

describe("node-pg-migrate", () => {
  it("applies SQL, JavaScript and TypeScript migrations in order, and takes them back", async () => {
    const wanted = await request(three);
    const before = await migrationStatus(fixture.context, wanted);
    expect(before.pending.map((migration) => migration.name)).toEqual(names);
    expect(before).toMatchObject({ applied: [], unknown: [], failed: [] });

    let printed = "";
    const pids: number[] = [];
    const result = await migrateUp(fixture.context, wanted, {
      onOutput: (text) => (printed += text),
      onStart: (pid) => pids.push(pid),
    });
    expect(result.applied).toEqual(names);
    expect(printed).toContain(names[2]);
    expect(pids).toHaveLength(1);
    expect(await fixture.query(`select * from person p left join "order" o on o.person = p.id`)).toEqual([]);

    const after = await migrationStatus(fixture.context, wanted);
    expect(after.pending).toEqual([]);
    expect(after.applied.map((migration) => migration.name)).toEqual(names);
    expect(Math.abs(Date.parse(after.applied[0]?.appliedAt ?? "") - Date.now())).toBeLessThan(3_600_000);
    expect(await migrateUp(fixture.context, wanted)).toMatchObject({ applied: [] });

    const undone = await migrateDown(fixture.context, wanted, 2);
    expect(undone.undone).toEqual([names[2], names[1]]);
    expect(await fixture.query("select to_regclass('public.order') as found")).toEqual([{ found: null }]);
  });

  it("says which migration failed and why, and that nothing of it stayed", async () => {
    const wanted = await request({ ...three, "migrations/1700000000004_broken.sql": broken });
    const error = await failureOf(migrateUp(fixture.context, wanted));
    expect(error.code).toBe("migration-failed");
    expect(error.message).toBe(
      'migration 1700000000004_broken failed: relation "nowhere" does not exist (SQLSTATE 42P01)',
    );
    expect(error.hint).toContain("migrations/1700000000004_broken.sql");
    expect(error.details[0]).toBe("Nothing of it was applied.");
    expect(await fixture.query("select to_regclass('public.person') as found")).toEqual([{ found: null }]);
    expect(JSON.stringify(error)).not.toContain(new URL(fixture.url.reveal()).password);
  });

  it("follows the table, schema and files that the application's scripts and configuration name", async () => {
    const wanted = await request(
      {
        "package.json": `{ "scripts": { "migrate": "node-pg-migrate -f db.json -m db/steps --ignore-pattern 'README.*'" } }`,
        "db.json": `{ "db": { "migrations-table": "history", "migrations-schema": "ops", "create-migrations-schema": true } }`,
        "db/steps/1_people.sql": people,
        "db/steps/README.md": "nothing",
      },
      "db/steps",
    );
    expect((await migrateUp(fixture.context, wanted)).applied).toEqual(["1_people"]);
    expect(await fixture.query("select name from ops.history")).toEqual([{ name: "1_people" }]);
    expect((await migrationStatus(fixture.context, wanted)).pending).toEqual([]);
  });

  it("finds a record whose name only the tool's own program knows", async () => {
    await fixture.query("create table steps (id serial primary key, name text, run_on timestamp)");
    await fixture.query(
      "insert into steps (name, run_on) values ('1700000000001_people', now()), ('gone', now())",
    );
    const status = await migrationStatus(fixture.context, await request(three));
    expect(status.applied).toHaveLength(2);
    expect(status.unknown.map((migration) => migration.name)).toEqual(["gone"]);
  });

  it("names its sessions, so that they can be found and ended", async () => {
    const slow = "-- Up Migration\nselect pg_sleep(60);\n";
    const wanted = await request({ "migrations/1_slow.sql": slow });
    const running = failureOf(migrateUp(fixture.context, wanted, { applicationName: "fairlead-test-run" }));
    const end = async (): Promise<void> => {
      const ended = await fixture.query<{ pid: number }>(
        `select pid, pg_terminate_backend(pid) from pg_stat_activity
          where application_name = 'fairlead-test-run' and query like '%pg_sleep%'`,
      );
      if (ended.length > 0) return;
      await fixture.context.clock.sleep(100);
      await end();
    };
    await end();
    expect((await running).message).toContain("1_slow failed");
  });

  it("tells where the tool or the files are missing", async () => {
    const wanted = await request(three);
    const bare = { ...wanted, applicationDirectory: await fixture.application(three) };
    const error = await failureOf(migrateUp(fixture.context, bare));
    expect(error).toMatchObject({ code: "migration-tool-missing", exit: "environment" });
    const lost = await failureOf(migrationStatus(fixture.context, { ...wanted, directory: "nowhere" }));
    expect(lost.code).toBe("migrations-missing");
  });

  it("refuses a configuration that names a database of its own", async () => {
    const wanted = await request({
      ...three,
      "config/default.json": `{ "db": { "database-url-var": "postgresql://elsewhere/production" } }`,
    });
    expect((await failureOf(migrateUp(fixture.context, wanted))).code).toBe("migration-database-fixed");
  });
});

describe("proveDown", () => {
  it("proves the way back of the pending ones alone, again and again on the same scratch database", async () => {
    const oneWay = `-- Up Migration\ncreate table first (id int);\n`;
    const wanted = await request({ ...three, "migrations/1600000000000_one-way.sql": oneWay });
    for (let round = 0; round < 2; round++) {
      expect(await proveDown(fixture.context, { ...wanted, pending: names })).toEqual({ proved: true });
    }
  });

  it("finds a way down that forgets something", async () => {
    const forgetful = people.replace("drop table person;", "alter table person drop column name;");
    const wanted = await request({ "migrations/1_people.sql": forgetful });
    const proof = await proveDown(fixture.context, { ...wanted, pending: ["1_people"] });
    expect(proof.proved).toBe(false);
    expect(proof.reason).toContain("does not lead back");
    expect(proof.difference).toContain("+ table public.person");
  });

  it("finds a way down that fails, and one that is not there", async () => {
    const failing = people.replace("drop table person;", "drop table nobody;");
    const wanted = await request({ "migrations/1_people.sql": failing });
    expect((await proveDown(fixture.context, { ...wanted, pending: ["1_people"] })).reason).toContain(
      'table "nobody" does not exist',
    );
    const oneWay = await request({ "migrations/1_x.sql": "create table x (id int);" });
    expect(await proveDown(fixture.context, { ...oneWay, pending: ["1_x"] })).toEqual({
      proved: false,
      reason: "1_x has no way down",
    });
  });

  it("never empties a database that it has not found empty", async () => {
    await fixture.query("create table precious (id int)");
    const wanted = await request(three);
    const error = await failureOf(proveDown(fixture.context, { ...wanted, pending: names }));
    expect(error.code).toBe("scratch-not-empty");
    expect(await fixture.query("select to_regclass('public.precious')::text as found")).toEqual([
      { found: "precious" },
    ]);
  });
});
