import { join } from "node:path";

import { migrationFiles } from "../files.ts";
import type { MigrationFile } from "../files.ts";
import type { MigrationPlace, MigrationTool } from "../port.ts";
import { textFlag, toolUse } from "../script-flags.ts";
import { existingTables, findVersionTable, quoteTable } from "../version-table.ts";

const shape = { name: "migrations", columns: ["hash", "previous_hash", "filename", "date"] };
const schema = "graphile_migrate";

/**
 * Graphile Migrate: the files in `committed/`, recorded in `graphile_migrate.migrations`. There is no way
 * down.
 */
export const graphileMigrate = {
  name: "graphile-migrate",

  async list(place) {
    const files = await committedFiles(place);
    return files
      .filter(({ name }) => /^\d{6,}(-.*)?\.sql$/.test(name))
      .map(({ name, path }) => ({ name, path, reversible: false }));
  },

  async applied(query) {
    const table = await findVersionTable(query, shape);
    if (table === undefined) return [];
    const rows = await query<{ filename: string; date: Date }>(
      `select filename, date from ${quoteTable(table)} order by filename`,
    );
    return rows.map(({ filename, date }) => ({ name: filename, appliedAt: date.toISOString() }));
  },

  ownTables(query) {
    return existingTables(query, [
      { schema, table: "migrations" },
      { schema, table: "current" },
    ]);
  },

  async up(call) {
    const use = await toolUse(call.applicationDirectory, ["graphile-migrate"]);
    const config = textFlag(use.flags, "config", "c");
    const argv = [...call.program("graphile-migrate"), "migrate"];
    return config === undefined ? argv : [...argv, "--config", config];
  },
} satisfies MigrationTool;

async function committedFiles(place: MigrationPlace): Promise<MigrationFile[]> {
  const files = await migrationFiles(place);
  const hasFolder = files.some((file) => file.isDirectory && file.name === "committed");
  return hasFolder ? migrationFiles({ ...place, directory: join(place.directory, "committed") }) : files;
}
