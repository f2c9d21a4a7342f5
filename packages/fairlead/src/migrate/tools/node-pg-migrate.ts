import { glob } from "node:fs/promises";
import { basename, join } from "node:path";

import { FairleadError, readText } from "../../kernel/index.ts";
import { migrationFiles, readMigration, stem } from "../files.ts";
import type { Migration, MigrationCall, MigrationPlace, MigrationTool, Query } from "../port.ts";
import { parseObject, textFlag, toolUse, type ToolUse } from "../script-flags.ts";
import { findVersionTable, quoteTable } from "../version-table.ts";

/** Settings that the application gives the tool, under the tool's own names. */
interface Settings {
  values: Record<string, unknown>;
  /** Configuration file that the application's scripts name. */
  configFile?: string;
  flags: ToolUse["flags"];
}

const aliases: Record<string, string> = {
  f: "config-file",
  j: "migration-file-language",
  m: "migrations-dir",
  s: "schema",
  t: "migrations-table",
};

/** Flags that change what is run or where it is recorded; they go on to our own calls. */
const passedOn = [
  "schema",
  "create-schema",
  "migrations-table",
  "migrations-schema",
  "create-migrations-schema",
  "ignore-pattern",
  "use-glob",
  "check-order",
  "no-check-order",
  "decamelize",
  "tsconfig-paths",
  "single-transaction",
  "no-single-transaction",
  "lock-value",
  "reject-unauthorized",
  "no-reject-unauthorized",
  "config-value",
];

/** node-pg-migrate: SQL, JavaScript and TypeScript files, recorded by name in `pgmigrations`. */
export const nodePgMigrate = {
  name: "node-pg-migrate",

  async list(place) {
    const settings = await readSettings(place);
    const files = await filesOf(place, settings);
    return Promise.all(files.sort(compareFileNames).map((path) => describe(place, path)));
  },

  async applied(query, place) {
    const table = await versionTable(query, place);
    if (table === undefined) return [];
    const rows = await query<{ name: string; run_on: Date }>(
      `select t.name, t.run_on::timestamptz as run_on from ${quoteTable(table)} t order by t.run_on, t.id`,
    );
    return rows.map((row) => ({ name: row.name, appliedAt: row.run_on.toISOString() }));
  },

  async ownTables(query, place) {
    const table = await versionTable(query, place);
    return table === undefined ? [] : [table];
  },

  up: (call) => command(call, "up"),
  async upOnly(call, names) {
    return [await command(call, "up", names.length)];
  },
  async down(call, names) {
    return [await command(call, "down", names.length)];
  },
} satisfies MigrationTool;

async function command(call: MigrationCall, direction: "up" | "down", count?: number): Promise<string[]> {
  const settings = await readSettings(call);
  if ("database-url-var" in settings.values) {
    throw new FairleadError(
      "migration-database-fixed",
      "node-pg-migrate is configured with a database of its own",
      {
        exit: "usage",
        hint: "Remove database-url-var from its configuration: the database comes from DATABASE_URL.",
      },
    );
  }
  const argv = [...call.program("node-pg-migrate"), direction];
  if (count !== undefined) argv.push(String(count));
  argv.push("--migrations-dir", call.directory);
  if (settings.configFile !== undefined) argv.push("--config-file", settings.configFile);
  for (const name of passedOn) {
    const value = settings.flags.get(name);
    if (value !== undefined) argv.push(value === true ? `--${name}` : `--${name}=${value}`);
  }
  return argv;
}

async function readSettings(place: MigrationPlace): Promise<Settings> {
  const use = await toolUse(place.applicationDirectory, ["node-pg-migrate"]);
  const flags = new Map([...use.flags].map(([name, value]) => [aliases[name] ?? name, value]));
  const configFile = textFlag(flags, "config-file");
  const section = textFlag(flags, "config-value") ?? "db";
  const values: Record<string, unknown> = Object.fromEntries(flags);
  // Where both say something, the tool takes its configuration's word over the flag's.
  for (const path of ["config/default.json", configFile]) {
    if (path === undefined) continue;
    const config = parseObject(await readText(join(place.applicationDirectory, path)));
    const inner = config[section];
    if (typeof inner === "object") Object.assign(values, inner);
    else if (path === configFile) Object.assign(values, config);
  }
  return { values, flags, ...(configFile === undefined ? {} : { configFile }) };
}

async function filesOf(place: MigrationPlace, settings: Settings): Promise<string[]> {
  const ignore = textOf(settings.values["ignore-pattern"]);
  const { applicationDirectory, directory } = place;
  if (settings.values["use-glob"] === true || settings.values["use-glob"] === "true") {
    const exclude = ignore === undefined ? [] : [ignore];
    const paths: string[] = [];
    for await (const path of glob(directory, { cwd: applicationDirectory, exclude })) paths.push(path);
    return paths;
  }
  const ignored = new RegExp(ignore === undefined || ignore === "" ? "^\\..*" : `^${ignore}$`);
  const files = await migrationFiles(place);
  return files.filter((file) => !file.isDirectory && !ignored.test(file.name)).map((file) => file.path);
}

// By the number in front, 17 digits being a UTC time; then by name, as the tool does.
function compareFileNames(left: string, right: string): number {
  const [a, b] = [basename(left), basename(right)];
  const collation = {
    ignorePunctuation: true,
    numeric: true,
    sensitivity: "variant",
    usage: "sort",
  } as const;
  return numberInFront(a) - numberInFront(b) || a.localeCompare(b, undefined, collation);
}

function numberInFront(name: string): number {
  const digits = /^\d+/.exec(name)?.[0] ?? "";
  const utc = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})$/.exec(digits);
  if (utc === null) return Number(digits);
  const [year, month, day, hours, minutes, seconds, ms] = utc.slice(1).map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hours, minutes, seconds, ms);
}

async function describe(place: MigrationPlace, path: string): Promise<Migration> {
  const text = await readMigration(place, path);
  const isSql = path.toLowerCase().endsWith(".sql");
  const reversible = isSql
    ? /^\s*--[\s-]*down\s+migration/im.test(text)
    : !/\bdown\s*[:=]\s*false\b/.test(text.replaceAll(/\/\/.*$/gm, ""));
  return { name: stem(basename(path)), path, reversible };
}

async function versionTable(query: Query, place: MigrationPlace) {
  const { values } = await readSettings(place);
  const table = textOf(values["migrations-table"]);
  const schema = textOf(values["migrations-schema"]);
  const configured = {
    ...(table === undefined ? {} : { table }),
    ...(schema === undefined ? {} : { schema }),
  };
  return findVersionTable(query, { name: "pgmigrations", columns: ["id", "name", "run_on"], configured });
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
