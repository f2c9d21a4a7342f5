import { FairleadError, Secret } from "../../kernel/index.ts";
import { migrationFiles, readMigration, stem } from "../files.ts";
import type { MigrationCall, MigrationPlace, MigrationTool, Query } from "../port.ts";
import { textFlag, toolUse } from "../script-flags.ts";
import { findVersionTable, quoteTable } from "../version-table.ts";

/**
 * dbmate: SQL files with `-- migrate:up` and `-- migrate:down`, recorded by version in `schema_migrations`.
 */
export const dbmate = {
  name: "dbmate",
  standaloneFiles: true,

  async list(place) {
    const files = (await migrationFiles(place)).filter((file) => /^\d+.*\.sql$/.test(file.name));
    return Promise.all(
      files.map(async ({ name, path }) => ({
        name: stem(name),
        path,
        reversible: hasWayDown(await readMigration(place, path)),
      })),
    );
  },

  // Only versions are recorded; a version is shown as its file's name where there is one.
  async applied(query, place) {
    const table = await versionTable(query, place);
    if (table === undefined) return [];
    const rows = await query<{ version: string }>(
      `select version from ${quoteTable(table)} order by version`,
    );
    const files = await migrationFiles(place);
    return rows.map(({ version }) => {
      const file = files.find(({ name }) => /^\d+/.exec(name)?.[0] === version && name.endsWith(".sql"));
      return { name: file === undefined ? version : stem(file.name) };
    });
  },

  async ownTables(query, place) {
    const table = await versionTable(query, place);
    return table === undefined ? [] : [table];
  },

  up: (call) => command(call, "migrate"),
  down: (call, names) => Promise.all(names.map(() => command(call, "rollback"))),

  // Its driver wants TLS unless told otherwise, which a server on the same machine seldom has.
  variables(call) {
    const url = new URL(call.databaseUrl.reveal());
    const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
    if (!isLocal || url.searchParams.has("sslmode")) return {};
    url.searchParams.set("sslmode", "disable");
    return { DATABASE_URL: new Secret(url.href) };
  },
} satisfies MigrationTool;

function hasWayDown(text: string): boolean {
  const down = /^--\s*migrate:down.*$([\s\S]*)/m.exec(text)?.[1] ?? "";
  return down.split("\n").some((line) => line.trim() !== "" && !line.trim().startsWith("--"));
}

async function command(call: MigrationCall, action: string): Promise<string[]> {
  const table = await configuredTable(call);
  return [
    ...program(call),
    "--no-dump-schema",
    "--migrations-dir",
    call.directory,
    ...(table === undefined ? [] : ["--migrations-table", table]),
    action,
  ];
}

// Many install it with the system's package manager.
function program(call: MigrationCall): string[] {
  try {
    return call.program("dbmate");
  } catch (error) {
    if (error instanceof FairleadError && error.code === "migration-tool-missing") return ["dbmate"];
    throw error;
  }
}

async function configuredTable(place: MigrationPlace): Promise<string | undefined> {
  const { flags } = await toolUse(place.applicationDirectory, ["dbmate"]);
  return textFlag(flags, "migrations-table");
}

// golang-migrate and Rails have tables of this name too, with other columns.
async function versionTable(query: Query, place: MigrationPlace) {
  const name = await configuredTable(place);
  const [first, second] = name?.split(".") ?? [];
  const configured =
    first === undefined ? {} : second === undefined ? { table: first } : { schema: first, table: second };
  const shape = { name: "schema_migrations", columns: ["version"], recognisable: false, configured };
  return findVersionTable(query, shape);
}
