import { migrationFiles, readMigration, stem } from "../files.ts";
import type { MigrationCall, MigrationTool } from "../port.ts";
import { textFlag, toolUse, withLoader } from "../script-flags.ts";
import { existingTables, findVersionTable, quoteTable } from "../version-table.ts";

const shape = { name: "kysely_migration", columns: ["name", "timestamp"], recognisable: false };

/** kysely-ctl: JavaScript and TypeScript files, recorded without extension in `kysely_migration`. */
export const kyselyCtl = {
  name: "kysely-ctl",

  async list(place) {
    const files = (await migrationFiles(place)).filter(
      (file) => !file.isDirectory && /\.[cm]?[jt]s$/.test(file.name) && !/\.d\.[cm]?ts$/.test(file.name),
    );
    return Promise.all(
      files.map(async ({ name, path }) => ({
        name: stem(name),
        path,
        reversible: /\bdown\b/.test(await readMigration(place, path)),
      })),
    );
  },

  async applied(query) {
    const table = await findVersionTable(query, shape);
    if (table === undefined) return [];
    const rows = await query<{ name: string; timestamp: string }>(
      `select name, timestamp from ${quoteTable(table)} order by timestamp, name`,
    );
    return rows.map((row) => ({ name: row.name, appliedAt: row.timestamp }));
  },

  async ownTables(query) {
    const table = await findVersionTable(query, shape);
    if (table === undefined) return [];
    return existingTables(query, [table, { schema: table.schema, table: `${table.table}_lock` }]);
  },

  up: (call) => command(call, "migrate:latest"),
  upOnly: (call, names) => Promise.all(names.map(() => command(call, "migrate:up"))),
  down: (call, names) => Promise.all(names.map(() => command(call, "migrate:down"))),
} satisfies MigrationTool;

async function command(call: MigrationCall, action: string): Promise<string[]> {
  const use = await toolUse(call.applicationDirectory, ["kysely", "kysely-ctl"]);
  const argv = [
    ...withLoader(call.program("kysely-ctl", "kysely"), use.nodeArgs),
    action,
    "--no-outdated-check",
  ];
  const config = textFlag(use.flags, "config", "c");
  const environment = textFlag(use.flags, "environment", "e");
  if (config !== undefined) argv.push("--config", config);
  if (environment !== undefined) argv.push("--environment", environment);
  return argv;
}
