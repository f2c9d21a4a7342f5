import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { withClient } from "../databases/index.ts";
import { FairleadError, type Secret, testContext } from "../kernel/index.ts";
import type { MigrationToolName } from "../stack/index.ts";
import { migrateDown } from "./down.ts";
import { schemaDescription } from "./fingerprint.ts";
import { type MigrationFixture, migrationFixture, writeFiles } from "./fixture.ts";
import { proveDown } from "./proof.ts";
import { type MigrationRequest, queryOver } from "./request.ts";
import { migrationStatus } from "./status.ts";
import { migrationTools } from "./tools.ts";
import { migrateUp } from "./up.ts";

// Runs every tool for real: its package is installed from the registry into a temporary folder.

interface ToolCase {
  packages: string[];
  directory: string;
  names: string[];
  files: Record<string, string>;
  /** A third migration that fails, and what the database says about it. */
  broken: Record<string, string>;
  /** Whether what the tool applied before the failing one stays. */
  keepsOlder: boolean;
  hasDown: boolean;
}

const sql = { people: "create table person (id int primary key)", orders: "create table orders (id int)" };
const failing = "alter table nowhere add column x int";

const cases: Partial<Record<MigrationToolName, ToolCase>> = {
  "node-pg-migrate": {
    packages: ["node-pg-migrate@9.0.0", "pg@8.23.1"],
    directory: "migrations",
    names: ["1_people", "2_orders"],
    files: {
      "migrations/1_people.sql": `-- Up Migration\n${sql.people};\n-- Down Migration\ndrop table person;`,
      "migrations/2_orders.sql": `-- Up Migration\n${sql.orders};\n-- Down Migration\ndrop table orders;`,
    },
    broken: { "migrations/3_broken.sql": failing },
    keepsOlder: false,
    hasDown: true,
  },
  knex: {
    packages: ["knex@3.3.0", "pg@8.23.1"],
    directory: "db/migrations",
    names: ["1_people.js", "2_orders.js"],
    files: {
      "package.json": `{ "scripts": { "migrate": "knex migrate:latest --knexfile db/knexfile.js" } }`,
      "db/knexfile.js": `module.exports = { client: "pg", connection: process.env.DATABASE_URL };`,
      "db/migrations/1_people.js": knexFile(sql.people, "drop table person"),
      "db/migrations/2_orders.js": knexFile(sql.orders, "drop table orders"),
    },
    broken: { "db/migrations/3_broken.js": knexFile(failing, "") },
    keepsOlder: false,
    hasDown: true,
  },
  "kysely-ctl": {
    packages: ["kysely-ctl@0.21.0", "kysely@0.28.18", "pg@8.23.1"],
    directory: "migrations",
    names: ["1_people", "2_orders"],
    files: {
      "kysely.config.ts": `import { PostgresDialect } from "kysely";
import { defineConfig } from "kysely-ctl";
import pg from "pg";
export default defineConfig({
  dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: process.env.DATABASE_URL }) }),
});`,
      "migrations/1_people.ts": kyselyFile(sql.people, "drop table person"),
      "migrations/2_orders.ts": kyselyFile(sql.orders, "drop table orders"),
    },
    broken: { "migrations/3_broken.ts": kyselyFile(failing, "select 1") },
    keepsOlder: false,
    hasDown: true,
  },
  typeorm: {
    packages: ["typeorm@1.1.1", "pg@8.23.1", "reflect-metadata"],
    directory: "src/migrations",
    names: ["People1700000000001", "Orders1700000000002"],
    files: {
      "src/data-source.js": `const { DataSource } = require("typeorm");
module.exports = new DataSource({ type: "postgres", url: process.env.DATABASE_URL, migrations: [__dirname + "/migrations/*.js"] });`,
      "src/migrations/1700000000001-people.js": typeormFile(
        "People1700000000001",
        sql.people,
        "drop table person",
      ),
      "src/migrations/1700000000002-orders.js": typeormFile(
        "Orders1700000000002",
        sql.orders,
        "drop table orders",
      ),
    },
    broken: {
      "src/migrations/1700000000003-broken.js": typeormFile("Broken1700000000003", failing, "select 1"),
    },
    keepsOlder: false,
    hasDown: true,
  },
  "drizzle-kit": {
    packages: ["drizzle-kit@0.31.11", "drizzle-orm", "pg@8.23.1"],
    directory: "drizzle",
    names: ["0000_people", "0001_orders"],
    files: {
      "drizzle.config.ts": `import { defineConfig } from "drizzle-kit";
export default defineConfig({ dialect: "postgresql", dbCredentials: { url: process.env.DATABASE_URL! } });`,
      "drizzle/0000_people.sql": sql.people,
      "drizzle/0001_orders.sql": sql.orders,
      "drizzle/meta/_journal.json": journal("0000_people", "0001_orders"),
    },
    broken: {
      "drizzle/0002_broken.sql": failing,
      "drizzle/meta/_journal.json": journal("0000_people", "0001_orders", "0002_broken"),
    },
    keepsOlder: false,
    hasDown: false,
  },
  dbmate: {
    packages: ["dbmate@2.36.0"],
    directory: "db/migrations",
    names: ["1_people", "2_orders"],
    files: {
      "db/migrations/1_people.sql": `-- migrate:up\n${sql.people};\n-- migrate:down\ndrop table person;`,
      "db/migrations/2_orders.sql": `-- migrate:up\n${sql.orders};\n-- migrate:down\ndrop table orders;`,
    },
    broken: { "db/migrations/3_broken.sql": `-- migrate:up\n${failing};\n-- migrate:down\n` },
    keepsOlder: true,
    hasDown: true,
  },
  "graphile-migrate": {
    packages: ["graphile-migrate@1.4.1", "pg@8.23.1"],
    directory: "migrations",
    names: ["000001.sql", "000002.sql"],
    files: {
      ".gmrc": "{}",
      "migrations/committed/000001.sql": committed(sql.people).text,
      "migrations/committed/000002.sql": committed(sql.orders, sql.people).text,
      "migrations/current.sql": "",
    },
    broken: { "migrations/committed/000003.sql": committed(failing, sql.people, sql.orders).text },
    keepsOlder: true,
    hasDown: false,
  },
};

function knexFile(up: string, down: string): string {
  return `exports.up = (knex) => knex.raw(${JSON.stringify(up)});\nexports.down = (knex) => knex.raw(${JSON.stringify(down)});`;
}

function kyselyFile(up: string, down: string): string {
  return `import { type Kysely, sql } from "kysely";
export async function up(db: Kysely<any>) { await sql\`${up}\`.execute(db); }
export async function down(db: Kysely<any>) { await sql\`${down}\`.execute(db); }`;
}

function typeormFile(name: string, up: string, down: string): string {
  return `module.exports.${name} = class ${name} {
  up(runner) { return runner.query(${JSON.stringify(up)}); }
  down(runner) { return runner.query(${JSON.stringify(down)}); }
};`;
}

/** A committed file of Graphile Migrate with its hash, after the ones with the earlier bodies. */
function committed(body: string, ...earlier: string[]): { text: string; hash: string } {
  const last = earlier.at(-1);
  const previous = last === undefined ? undefined : committed(last, ...earlier.slice(0, -1)).hash;
  const hashed = `${`${previous ?? ""}\n${body.trim()}`.trim()}\n`;
  const hash = `sha1:${createHash("sha1").update(hashed).digest("hex")}`;
  return { text: `--! Previous: ${previous ?? "-"}\n--! Hash: ${hash}\n\n${body}\n`, hash };
}

function journal(...tags: string[]): string {
  const entries = tags.map((tag, idx) => ({
    idx,
    version: "7",
    when: 1_700_000_000_000 + idx,
    tag,
    breakpoints: true,
  }));
  return JSON.stringify({ version: "7", dialect: "postgresql", entries });
}

let fixture: MigrationFixture;
beforeAll(async () => {
  fixture = await migrationFixture();
});
afterAll(() => fixture.close());

describe.each(Object.entries(cases))("%s", (name, tool) => {
  let applicationDirectory: string;
  let request: MigrationRequest;

  beforeAll(async () => {
    applicationDirectory = await mkdtemp(join(tmpdir(), "fairlead-tool-"));
    await writeFiles(applicationDirectory, { "package.json": `{ "private": true }`, ...tool.files });
    const argv = ["npm", "install", "--no-save", "--no-audit", "--no-fund", ...tool.packages];
    const installed = await testContext().exec(argv, { cwd: applicationDirectory });
    expect(installed.stderr.includes("npm error"), installed.stderr).toBe(false);
    const databaseUrl: Secret = fixture.url;
    request = {
      tool: migrationTools[name as MigrationToolName],
      applicationDirectory,
      directory: tool.directory,
      databaseUrl,
    };
  });
  afterAll(() => rm(applicationDirectory, { recursive: true, force: true }));
  beforeEach(async () => {
    await fixture.reset();
    await writeFiles(applicationDirectory, tool.files);
  });

  it("lists, applies, records, and leaves its own tables out of the comparison", async () => {
    const before = await migrationStatus(fixture.context, request);
    expect(before.pending.map((migration) => migration.name)).toEqual(tool.names);
    expect((await migrateUp(fixture.context, request)).applied).toEqual(tool.names);
    expect(await migrationStatus(fixture.context, request)).toMatchObject({
      pending: [],
      unknown: [],
      failed: [],
    });
    const tables = await withClient(fixture.url, async (client) => {
      const query = queryOver(client);
      return schemaDescription(query, { without: await request.tool.ownTables(query, request) });
    });
    expect(tables.filter((line) => /^(table|schema|sequence) /.test(line))).toEqual([
      "table public.orders",
      "table public.person",
    ]);
    if (name === "dbmate") {
      await expect(rm(join(applicationDirectory, "db/schema.sql"))).rejects.toThrow("ENOENT");
    }
  });

  it("is proved, or says why not", async () => {
    const proof = await proveDown(fixture.context, { ...request, pending: tool.names.slice(1) });
    expect(proof.proved, proof.reason).toBe(tool.hasDown);
    if (!tool.hasDown) expect(proof.reason).toBe(`${name} has no way down`);
  });

  it("goes back by its own way down, one after the other", async () => {
    await migrateUp(fixture.context, request);
    const back = migrateDown(fixture.context, request, 2);
    if (!tool.hasDown) {
      await expect(back).rejects.toThrow("no way down");
      return;
    }
    expect((await back).undone).toEqual([...tool.names].reverse());
    expect(await fixture.query("select to_regclass('public.person') as found")).toEqual([{ found: null }]);
  });

  it("fails with the migration's name and the database's words", async () => {
    await writeFiles(applicationDirectory, tool.broken);
    try {
      const error: unknown = await migrateUp(fixture.context, request).catch((thrown: unknown) => thrown);
      if (!(error instanceof FairleadError)) throw new Error("it did not fail", { cause: error });
      expect(error.code).toBe("migration-failed");
      expect(error.message).toMatch(/([Bb]roken|000003).* failed: .*relation "nowhere" does not exist/);
      expect(error.details[0]).toContain(tool.keepsOlder ? "Applied before it" : "Nothing of it was applied");
      expect(JSON.stringify(error)).not.toContain(new URL(fixture.url.reveal()).password);
    } finally {
      for (const path of Object.keys(tool.broken)) await rm(join(applicationDirectory, path));
    }
  });
});
