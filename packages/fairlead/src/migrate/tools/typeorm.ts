import { existsSync } from "node:fs";
import { join } from "node:path";

import { FairleadError } from "../../kernel/index.ts";
import { migrationFiles, readMigration } from "../files.ts";
import type { Migration, MigrationCall, MigrationPlace, MigrationTool } from "../port.ts";
import { findPackage } from "../program.ts";
import { textFlag, toolUse, withLoader } from "../script-flags.ts";
import { findVersionTable, quoteTable } from "../version-table.ts";

const shape = { name: "migrations", columns: ["id", "timestamp", "name"] };

const dataSources = [
  "",
  "src/",
  "src/database/",
  "src/db/",
  "src/config/",
  "database/",
  "db/",
  "dist/",
].flatMap((folder) =>
  ["data-source", "datasource", "ormconfig"].flatMap((name) => [
    `${folder}${name}.ts`,
    `${folder}${name}.js`,
  ]),
);

/** TypeORM: classes, recorded by class name and timestamp in `migrations`. */
export const typeorm = {
  name: "typeorm",

  async list(place) {
    const found = new Map<string, Migration & { timestamp: number }>();
    for (const { name, path } of await migrationFiles(place)) {
      if (!/\.[cm]?[jt]s$/.test(name) || /\.d\.[cm]?ts$/.test(name)) continue;
      for (const migration of await classesOf(place, path)) {
        if (!found.has(migration.name)) found.set(migration.name, migration);
      }
    }
    const ordered = [...found.values()].sort((left, right) => left.timestamp - right.timestamp);
    return ordered.map(({ name, path, reversible }) => ({ name, path, reversible }));
  },

  async applied(query) {
    const table = await findVersionTable(query, shape);
    if (table === undefined) return [];
    const rows = await query<{ name: string }>(
      `select name from ${quoteTable(table)} order by "timestamp", id`,
    );
    return rows.map(({ name }) => ({ name }));
  },

  async ownTables(query) {
    const table = await findVersionTable(query, shape);
    return table === undefined ? [] : [table];
  },

  up: (call) => command(call, "migration:run"),
  down: (call, names) => Promise.all(names.map(() => command(call, "migration:revert"))),
} satisfies MigrationTool;

// The recorded name is the class's, unless the class has a property `name`; its last 13 digits are the time.
async function classesOf(place: MigrationPlace, path: string) {
  const text = await readMigration(place, path);
  const classes = [...text.matchAll(/\bclass\s+(\w+)/g)];
  return classes.flatMap((match, index) => {
    const body = text.slice(match.index, classes[index + 1]?.index);
    const name = /\bname\s*(?::\s*string\s*)?=\s*["'](\w+)["']/.exec(body)?.[1] ?? match[1] ?? "";
    const timestamp = Number(/\d{13}$/.exec(name)?.[0]);
    if (Number.isNaN(timestamp)) return [];
    return [{ name, path, reversible: /\bdown\s*\(/.test(body), timestamp }];
  });
}

async function command(call: MigrationCall, action: string): Promise<string[]> {
  const binaries = ["typeorm", "typeorm-ts-node-commonjs", "typeorm-ts-node-esm"];
  const use = await toolUse(call.applicationDirectory, binaries);
  const dataSource =
    textFlag(use.flags, "dataSource", "d") ??
    dataSources.find((path) => existsSync(join(call.applicationDirectory, path)));
  if (dataSource === undefined) throw noDataSource(call);
  const needsLoader =
    dataSource.endsWith(".ts") && use.nodeArgs.length === 0 && (use.binary ?? "typeorm") === "typeorm";
  const loader = needsLoader ? loaderFor(call.applicationDirectory) : { nodeArgs: use.nodeArgs };
  const program = call.program("typeorm", loader.binary ?? use.binary ?? "typeorm");
  return [...withLoader(program, loader.nodeArgs), action, "--dataSource", dataSource];
}

// A TypeScript data source has decorators, which Node.js does not strip.
function loaderFor(directory: string): { binary?: string; nodeArgs: string[] } {
  if (findPackage(directory, "ts-node") !== undefined)
    return { binary: "typeorm-ts-node-commonjs", nodeArgs: [] };
  return { nodeArgs: findPackage(directory, "tsx") === undefined ? [] : ["--import", "tsx"] };
}

function noDataSource(call: MigrationCall): FairleadError {
  return new FairleadError(
    "migration-settings-missing",
    `no TypeORM data source was found in ${call.applicationDirectory}`,
    {
      exit: "usage",
      hint: 'Name it in a package script: "migrate": "typeorm migration:run -d src/data-source.ts".',
    },
  );
}
