import { join } from "node:path";

import { readText } from "../../kernel/index.ts";
import { migrationFiles } from "../files.ts";
import type { Migration, MigrationTool } from "../port.ts";
import { textFlag, toolUse } from "../script-flags.ts";
import { findVersionTable, quoteTable } from "../version-table.ts";

const shape = {
  name: "_prisma_migrations",
  columns: [
    "id",
    "checksum",
    "finished_at",
    "migration_name",
    "logs",
    "rolled_back_at",
    "started_at",
    "applied_steps_count",
  ],
};

/** Prisma Migrate: folders with a `migration.sql`, recorded in `_prisma_migrations`. There is no way down. */
export const prisma = {
  name: "prisma",

  async list(place) {
    const migrations: Migration[] = [];
    for (const { name, path, isDirectory } of await migrationFiles(place)) {
      const sql = join(path, "migration.sql");
      if (!isDirectory || (await readText(join(place.applicationDirectory, sql))) === undefined) continue;
      migrations.push({ name, path: sql, reversible: false });
    }
    return migrations;
  },

  // A row that was rolled back says nothing any more; one that neither ended nor was rolled back blocks every
  // deploy.
  async applied(query) {
    const table = await findVersionTable(query, shape);
    if (table === undefined) return [];
    const rows = await query<{ name: string; finished: Date | null }>(
      `select migration_name as name, finished_at as finished from ${quoteTable(table)}
        where rolled_back_at is null order by started_at, migration_name`,
    );
    return rows.map(({ name, finished }) =>
      finished === null ? { name, failed: true } : { name, appliedAt: finished.toISOString() },
    );
  },

  async ownTables(query) {
    const table = await findVersionTable(query, shape);
    return table === undefined ? [] : [table];
  },

  async up(call) {
    const use = await toolUse(call.applicationDirectory, ["prisma"]);
    const argv = [...call.program("prisma"), "migrate", "deploy"];
    for (const name of ["schema", "config"]) {
      const value = textFlag(use.flags, name);
      if (value !== undefined) argv.push(`--${name}`, value);
    }
    return argv;
  },

  // Schemas that name a pooled address name an unpooled one for migrations, under one of these names.
  variables({ databaseUrl }) {
    const names = ["DIRECT_URL", "DIRECT_DATABASE_URL", "POSTGRES_PRISMA_URL", "POSTGRES_URL_NON_POOLING"];
    return Object.fromEntries(names.map((name) => [name, databaseUrl]));
  },
} satisfies MigrationTool;
