import { readdir } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { dirname, extname, join } from "node:path";

import { readText } from "../kernel/index.ts";
import type { MigrationToolName, Stack, StartCommand } from "../stack/index.ts";
import type { Need } from "./closure.ts";
import { listFiles } from "./tree.ts";

const codePattern = /\.[cm]?[jt]sx?$/;
const specifierPattern =
  /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*|\brequire\.resolve\s*\(\s*)(["'])([^"'\n]+)\1/g;
const configPattern =
  /^(drizzle|knexfile|kysely|\.?config\/kysely|ormconfig|data-source|prisma|graphile|\.gmrc|database)[^/]*$/;
const maximumFiles = 500;

/** Packages that a tool loads without naming them among its own dependencies: drivers, query builders, loaders of TypeScript. */
const companions: Record<MigrationToolName, string[]> = {
  "node-pg-migrate": ["pg"],
  "drizzle-kit": ["drizzle-orm", "pg", "postgres", "@neondatabase/serverless", "@vercel/postgres"],
  knex: ["pg"],
  "kysely-ctl": ["kysely", "pg", "postgres"],
  prisma: ["@prisma/client"],
  typeorm: ["pg", "reflect-metadata"],
  dbmate: [],
  "graphile-migrate": ["pg"],
};
const typescriptLoaders = ["tsx", "ts-node", "typescript", "@swc-node/register", "jiti"];

/**
 * What running the migrations of an application needs, as names to be found from its folder: the tool's package, the packages
 * it is known to load, and what the migrations and the tool's configuration import (by reading them and the files of the
 * application that these import in turn, at most 500). Nothing but the tool itself has to be there.
 */
export async function migrationNeeds(folder: string, migrations: Stack["migrations"]): Promise<Need[]> {
  if (migrations === undefined) return [];
  const directory = join(folder, migrations.directory);
  const inDirectory = await listFiles(directory, (path) => path.includes("node_modules")).catch(() => []);
  const files = inDirectory.filter((path) => codePattern.test(path)).map((path) => join(directory, path));
  for (const name of await readdir(folder).catch(() => [])) {
    if (configPattern.test(name) && codePattern.test(name)) files.push(join(folder, name));
  }
  const imported = await importedPackages(files);
  const loaders = files.some((file) => /\.[cm]?tsx?$/.test(file)) ? typescriptLoaders : [];
  const names = new Set([...companions[migrations.tool], ...imported, ...loaders]);
  names.delete(migrations.tool);
  // dbmate is a program of its own as often as a package.
  const tool = { name: migrations.tool, optional: migrations.tool === "dbmate" };
  return [tool, ...[...names].map((name) => ({ name, optional: true }))];
}

/** What a start command loads from `node_modules` by itself: the package of its entry, and those of `--import` and the like. */
export function startNeeds(start: StartCommand): Need[] {
  if (start.kind !== "node") return [];
  const names = new Set<string>();
  const inModules = /(?:^|.*\/)node_modules\/((?:@[^/]+\/)?[^/.@][^/]*)\//.exec(start.entry)?.[1];
  if (inModules !== undefined) names.add(inModules);
  for (const [index, argument] of start.nodeArgs.entries()) {
    const [option = "", value] = argument.includes("=")
      ? argument.split("=", 2)
      : [argument, start.nodeArgs[index + 1]];
    if (!["--import", "--require", "-r", "--loader", "--experimental-loader"].includes(option)) continue;
    const name = packageOf(value ?? "");
    if (name !== undefined) names.add(name);
  }
  return [...names].map((name) => ({ name, optional: true }));
}

/** The package that an import names: `pg/lib/x` → `pg`; `undefined` for files, addresses and Node.js' own modules. */
export function packageOf(specifier: string): string | undefined {
  if (isBuiltin(specifier)) return undefined;
  return /^(@[a-z\d~-][\w.~-]*\/[a-z\d~-][\w.~-]*|[a-z\d~-][\w.~-]*)(\/|$)/i.exec(specifier)?.[1];
}

async function importedPackages(entries: readonly string[]): Promise<Set<string>> {
  const names = new Set<string>();
  const seen = new Set(entries);
  for (const file of seen) {
    if (seen.size > maximumFiles) break;
    const text = (await readText(file)) ?? "";
    for (const match of text.matchAll(specifierPattern)) {
      const specifier = match[2] ?? "";
      const name = packageOf(specifier);
      if (name !== undefined) names.add(name);
      if (!specifier.startsWith(".")) continue;
      const target = await findModule(join(dirname(file), specifier));
      if (target !== undefined) seen.add(target);
    }
  }
  return names;
}

// `./x` may be x.ts or x/index.ts, and TypeScript lets `./x.js` mean x.ts.
async function findModule(path: string): Promise<string | undefined> {
  const stem = /^\.[cm]?jsx?$/.test(extname(path)) ? path.slice(0, -extname(path).length) : path;
  const endings = [".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".cjs", "/index.ts", "/index.js"];
  const candidates = codePattern.test(path) ? [path] : [];
  for (const candidate of [...candidates, ...endings.map((ending) => stem + ending)]) {
    if ((await readText(candidate).catch(() => undefined)) !== undefined) return candidate;
  }
  return undefined;
}
