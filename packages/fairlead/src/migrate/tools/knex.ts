import { migrationFiles, readMigration } from "../files.ts";
import type { MigrationCall, MigrationTool, Query } from "../port.ts";
import { textFlag, toolUse, withLoader } from "../script-flags.ts";
import { existingTables, findVersionTable, quoteTable } from "../version-table.ts";

const shape = { name: "knex_migrations", columns: ["id", "name", "batch", "migration_time"] };

/** knex: JavaScript and TypeScript files, recorded with their extension in `knex_migrations`. */
export const knex = {
  name: "knex",

  async list(place) {
    const files = (await migrationFiles(place)).filter(
      (file) => !file.isDirectory && /\.(js|cjs|mjs|ts)$/.test(file.name) && !file.name.endsWith(".d.ts"),
    );
    return Promise.all(
      files.map(async ({ name, path }) => ({
        name,
        path,
        reversible: /\bdown\b/.test(await readMigration(place, path)),
      })),
    );
  },

  async applied(query) {
    const table = await findVersionTable(query, shape);
    if (table === undefined) return [];
    const rows = await query<{ name: string; migration_time: Date | null }>(
      `select name, migration_time from ${quoteTable(table)} order by id`,
    );
    return rows.map(({ name, migration_time: time }) => ({
      name,
      ...(time === null ? {} : { appliedAt: time.toISOString() }),
    }));
  },

  async ownTables(query: Query) {
    const table = await findVersionTable(query, shape);
    if (table === undefined) return [];
    return existingTables(query, [table, { schema: table.schema, table: `${table.table}_lock` }]);
  },

  up: (call) => command(call, "migrate:latest"),
  upOnly: (call, names) => Promise.all(names.map(() => command(call, "migrate:up"))),
  down: (call, names) => Promise.all(names.map((name) => command(call, "migrate:down", name))),
} satisfies MigrationTool;

// Knex goes to the folder of its knexfile, so it is named as the application names it.
async function command(call: MigrationCall, ...action: string[]): Promise<string[]> {
  const use = await toolUse(call.applicationDirectory, ["knex"]);
  const argv = [...withLoader(call.program("knex"), use.nodeArgs), ...action];
  for (const name of ["knexfile", "env", "client", "migrations-directory", "migrations-table-name"]) {
    const value = textFlag(use.flags, name);
    if (value !== undefined) argv.push(`--${name}`, value);
  }
  if (use.flags.has("esm")) argv.push("--esm");
  return argv;
}
