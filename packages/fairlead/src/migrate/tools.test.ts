import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { FairleadError } from "../kernel/index.ts";
import type { MigrationToolName } from "../stack/index.ts";
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

async function statusOf(tool: MigrationToolName, directory: string, files: Record<string, string>) {
  const applicationDirectory = await fixture.application(files);
  const request = { tool: migrationTools[tool], applicationDirectory, directory, databaseUrl: fixture.url };
  const status = await migrationStatus(fixture.context, request);
  const namesOf = (list: { name: string }[]) => list.map(({ name }) => name);
  return {
    applied: namesOf(status.applied),
    pending: namesOf(status.pending),
    unknown: namesOf(status.unknown),
    failed: namesOf(status.failed),
  };
}

async function run(...statements: string[]) {
  for (const statement of statements) await fixture.query(statement);
}

describe("records, as the tools write them", () => {
  it("prisma: applied, failed and rolled back", async () => {
    await run(
      `create table _prisma_migrations (id varchar(36) primary key, checksum varchar(64) not null,
        finished_at timestamptz, migration_name varchar(255) not null, logs text, rolled_back_at timestamptz,
        started_at timestamptz not null default now(), applied_steps_count integer not null default 0)`,
      `insert into _prisma_migrations (id, checksum, migration_name, started_at, finished_at, rolled_back_at) values
        ('1', 'x', '1_init', now() - interval '3 h', now(), null),
        ('2', 'x', '0_gone', now() - interval '2 h', now(), null),
        ('3', 'x', '2_users', now() - interval '1 h', null, now()), ('4', 'x', '3_half', now(), null, null)`,
    );
    const files = {
      "prisma/migrations/migration_lock.toml": "",
      "prisma/migrations/1_init/migration.sql": "",
      "prisma/migrations/2_users/migration.sql": "",
      "prisma/migrations/3_half/migration.sql": "",
    };
    expect(await statusOf("prisma", "prisma/migrations", files)).toEqual({
      applied: ["1_init", "0_gone"],
      pending: ["2_users", "3_half"],
      unknown: ["0_gone"],
      failed: ["3_half"],
    });
  });

  it("drizzle-kit: by the journal's times, and by name from 1.0 on", async () => {
    const entries = [
      { tag: "0000_a", when: 1_735_732_800_000 },
      { tag: "0001_b", when: 1_735_732_900_000 },
    ];
    const files = { "drizzle/meta/_journal.json": JSON.stringify({ entries }) };
    await run(
      "create schema drizzle",
      "create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)",
      `insert into drizzle.__drizzle_migrations (hash, created_at)
        values ('aa', 1735732800000), ('0123456789abcdef', 7)`,
    );
    expect(await statusOf("drizzle-kit", "drizzle", files)).toMatchObject({
      applied: ["(0123456789ab)", "0000_a"],
      pending: ["0001_b"],
      unknown: ["(0123456789ab)"],
    });
    await run(
      "alter table drizzle.__drizzle_migrations add name text, add applied_at timestamptz default now()",
      "update drizzle.__drizzle_migrations set name = '20250101_a' where hash = 'aa'",
      "delete from drizzle.__drizzle_migrations where name is null",
    );
    const folders = { "drizzle/20250101_a/migration.sql": "", "drizzle/20250102_b/migration.sql": "" };
    expect(await statusOf("drizzle-kit", "drizzle", folders)).toMatchObject({
      applied: ["20250101_a"],
      pending: ["20250102_b"],
    });
  });

  it("graphile-migrate: committed files by name", async () => {
    await run(
      "create schema graphile_migrate",
      `create table graphile_migrate.migrations (hash text primary key, previous_hash text,
        filename text not null, date timestamptz not null default now())`,
      "insert into graphile_migrate.migrations values ('sha1:a', null, '000001.sql')",
    );
    const files = {
      "migrations/committed/000001.sql": "",
      "migrations/committed/000002-users.sql": "",
      "migrations/current.sql": "",
    };
    expect(await statusOf("graphile-migrate", "migrations", files)).toMatchObject({
      applied: ["000001.sql"],
      pending: ["000002-users.sql"],
    });
  });

  it("typeorm: the class's name, or the property's, by time", async () => {
    await run(
      `create table migrations (id serial primary key, "timestamp" bigint not null, name varchar not null)`,
      `insert into migrations ("timestamp", name) values (1700000000001, 'First1700000000001')`,
    );
    const files = {
      "m/b.ts":
        "export class Second implements MigrationInterface { name = 'Second1700000000002'; async up() {} }",
      "m/a.ts": "export class First1700000000001 implements MigrationInterface { async down(q) {} }",
      "m/a.d.ts": "export declare class First1700000000001 {}",
      "m/index.ts": "export class Helper {}",
    };
    expect(await statusOf("typeorm", "m", files)).toMatchObject({
      applied: ["First1700000000001"],
      pending: ["Second1700000000002"],
    });
  });

  it("dbmate: its own schema_migrations, not the one of golang-migrate", async () => {
    const files = { "db/migrations/20250101_users.sql": "-- migrate:up\n", "db/migrations/README.md": "" };
    await run("create table schema_migrations (version bigint primary key, dirty boolean not null)");
    await run("insert into schema_migrations values (20250101, false)");
    expect(await statusOf("dbmate", "db/migrations", files)).toMatchObject({ pending: ["20250101_users"] });
    await run("drop table schema_migrations", "create table schema_migrations (version varchar primary key)");
    await run("insert into schema_migrations values ('20250101'), ('20240101')");
    expect(await statusOf("dbmate", "db/migrations", files)).toMatchObject({
      applied: ["20240101", "20250101_users"],
      pending: [],
      unknown: ["20240101"],
    });
  });
});

describe("migrations of another package of the repository", () => {
  it("are found and run where they are", async () => {
    const files = {
      "packages/db/package.json": `{ "scripts": { "m": "dbmate --migrations-table history up" } }`,
      "packages/db/migrations/1_a.sql": "-- migrate:up\n",
    };
    await run("create table history (version varchar primary key)", "insert into history values ('1')");
    const root = await fixture.application(files);
    const request = {
      tool: migrationTools.dbmate,
      applicationDirectory: `${root}/apps/web`,
      directory: "../../packages/db/migrations",
      databaseUrl: fixture.url,
    };
    const status = await migrationStatus(fixture.context, request);
    expect(status).toMatchObject({ applied: [{ name: "1_a" }], pending: [] });
  });
});

describe("a tool that lies", () => {
  async function liar(
    script: string,
    parts: Partial<MigrationRequest["tool"]> = {},
  ): Promise<MigrationRequest> {
    const applicationDirectory = await fixture.application({ "m/1_a.sql": "create table a (id int)" });
    const up = () => Promise.resolve([process.execPath, "--eval", script]);
    const tool = { ...migrationTools["node-pg-migrate"], up, ...parts };
    return { tool, applicationDirectory, directory: "m", databaseUrl: fixture.url };
  }

  async function failureOf(running: Promise<unknown>): Promise<FairleadError> {
    const error: unknown = await running.catch((thrown: unknown) => thrown);
    if (error instanceof FairleadError) return error;
    throw new Error("it did not fail", { cause: error });
  }

  it("is not believed when it ends with 0 and has done nothing", async () => {
    const error = await failureOf(migrateUp(fixture.context, await liar("")));
    expect(error.message).toBe("node-pg-migrate ended with 0 but has not applied 1_a");
    expect(error.hint).toContain("DATABASE_URL");
  });

  it("sees one database only, and its password stays out of what is shown", async () => {
    const script = `console.log(process.env.DATABASE_URL, process.env.PGPASSWORD, process.env.PGDATABASE,
      process.env.PGAPPNAME, process.env.PGSERVICE); process.exit(3)`;
    const error = await failureOf(migrateUp(fixture.context, await liar(script), { applicationName: "me" }));
    const url = new URL(fixture.url.reveal());
    const shown = error.details.join("\n");
    expect(shown).toContain(`${url.pathname.slice(1)} me undefined`);
    expect(shown).not.toContain(url.password);
    expect(error.message).toContain("exit code 3");
  });

  it("is not believed about its way down either", async () => {
    await run(
      "create table pgmigrations (id serial primary key, name varchar(255) not null, run_on timestamp not null)",
      "insert into pgmigrations (name, run_on) values ('1_a', now())",
    );
    const request = await liar("", { down: () => Promise.resolve([[process.execPath, "--eval", ""]]) });
    const error = await failureOf(migrateDown(fixture.context, request, 1));
    expect(error.message).toBe("1_a can't be taken back: exit code 0");
  });

  it("is ended by a signal", async () => {
    const controller = new AbortController();
    const running = migrateUp(fixture.context, await liar("setTimeout(() => {}, 60000)"), {
      signal: controller.signal,
      onStart: () => {
        controller.abort();
      },
    });
    expect((await failureOf(running)).code).toBe("cancelled");
  });
});

describe("proveDown", () => {
  it("says of tools without a way down that they have none", async () => {
    const applicationDirectory = await fixture.application({});
    for (const name of ["drizzle-kit", "prisma", "graphile-migrate"] as const) {
      const tool = migrationTools[name];
      const request = {
        tool,
        applicationDirectory,
        directory: "m",
        databaseUrl: fixture.url,
        pending: ["x"],
      };
      const reason = `${name} has no way down`;
      expect(await proveDown(fixture.context, request)).toEqual({ proved: false, reason });
    }
  });
});
