import { posix } from "node:path";

import type { Problem } from "../../kernel/index.ts";
import { dependenciesOf } from "../manifest.ts";
import { withoutComments } from "../next-config.ts";
import type { MigrationToolName } from "../port.ts";
import { flagsOf, parseScript } from "../script.ts";
import type { Survey } from "../survey.ts";

/** A migration tool that an application uses; without a directory where its files were not found. */
export interface FoundMigrations {
  tool: MigrationToolName;
  directory?: string;
  problems: Problem[];
}

type Finder = (survey: Survey) => Promise<FoundMigrations | undefined>;

const extensions = ["ts", "mts", "js", "mjs", "cjs", "json"];

const nodePgMigrate: Finder = async (survey) => {
  if (!uses(survey, "node-pg-migrate")) return undefined;
  const named = flagInScripts(survey, "node-pg-migrate", "m", "migrations-dir");
  const configured = property(await configText(survey, "config/default"), "migrations-dir");
  return folder(survey, "node-pg-migrate", [named, configured, "migrations"]);
};

const drizzleKit: Finder = async (survey) => {
  if (!uses(survey, "drizzle-kit")) return undefined;
  const config = flagInScripts(survey, "drizzle-kit", "config")?.replace(/\.[^.]+$/, "") ?? "drizzle.config";
  const out = property(await configText(survey, config), "out") ?? "drizzle";
  const found = folder(survey, "drizzle-kit", [out]);
  if (found.directory === undefined && scriptsOf(survey).includes("drizzle-kit push")) {
    const message =
      "the schema is pushed, without migrations: what a deploy changes can't be told beforehand";
    return {
      tool: "drizzle-kit",
      problems: [{ where, message, remedy: "generate migrations: drizzle-kit generate" }],
    };
  }
  return found;
};

const knex: Finder = async (survey) => {
  if (!uses(survey, "knex")) return undefined;
  const file = flagInScripts(survey, "knex", "knexfile")?.replace(/\.[^.]+$/, "") ?? "knexfile";
  const text = await configText(survey, file);
  const own = /migrations\s*:\s*\{[^}]*\bdirectory\s*:\s*([^\n]+)/s.exec(text)?.[1];
  const named = flagInScripts(survey, "knex", "migrations-directory") ?? lastString(own);
  const base = posix.dirname(file);
  const found = folder(survey, "knex", [named && posix.join(base, named), "migrations", "db/migrations"]);
  return text === "" && found.directory === undefined ? undefined : found;
};

const kyselyCtl: Finder = async (survey) => {
  if (!uses(survey, "kysely-ctl")) return undefined;
  const text =
    (await configText(survey, "kysely.config")) || (await configText(survey, ".config/kysely.config"));
  const own = /\bmigrationFolder\s*:\s*([^\n]+)/.exec(text)?.[1];
  return folder(survey, "kysely-ctl", [lastString(own), "migrations"]);
};

const prisma: Finder = async (survey) => {
  if (!uses(survey, "prisma") && !uses(survey, "@prisma/client")) return undefined;
  const schemas = [survey.manifest.prisma?.schema, "prisma/schema.prisma", "schema.prisma", "prisma/schema"];
  const own = flagInScripts(survey, "prisma", "schema");
  const schema = [own, ...schemas].find((path) => path !== undefined && exists(survey, path));
  if (schema === undefined) return undefined;
  const config = await configText(survey, "prisma.config");
  const configured = /migrations\s*:\s*\{[^}]*\bpath\s*:\s*([^\n]+)/s.exec(config)?.[1];
  const beside = posix.join(posix.dirname(schema), "migrations");
  return folder(survey, "prisma", [lastString(configured), beside, posix.join(schema, "migrations")]);
};

const typeorm: Finder = async (survey) => {
  if (!uses(survey, "typeorm")) return undefined;
  for (const path of survey.paths) {
    if (!/\.[cm]?[jt]s$/.test(path) || /\.d\.[cm]?ts$/.test(path)) continue;
    if (/\bimplements\s+MigrationInterface\b/.test((await survey.read(path)) ?? "")) {
      return { tool: "typeorm", directory: posix.dirname(path), problems: [] };
    }
  }
  return folder(survey, "typeorm", [
    "src/migrations",
    "src/migration",
    "migrations",
    "src/database/migrations",
  ]);
};

// It needs no package: a Go program or one for all languages, recognised by its files.
const dbmate: Finder = async (survey) => {
  const named = flagInScripts(survey, "dbmate", "d", "migrations-dir");
  const directory = [named, "db/migrations"].find((path) => path !== undefined && exists(survey, path));
  const file = survey.paths.find((path) => directory !== undefined && path.startsWith(`${directory}/`));
  const isOurs = file !== undefined && /^--\s*migrate:up/m.test((await survey.read(file)) ?? "");
  if (isOurs && directory !== undefined) return { tool: "dbmate", directory, problems: [] };
  return uses(survey, "dbmate") ? folder(survey, "dbmate", [named, "db/migrations"]) : undefined;
};

const graphileMigrate: Finder = (survey) =>
  Promise.resolve(
    uses(survey, "graphile-migrate") ? folder(survey, "graphile-migrate", ["migrations"]) : undefined,
  );

/** In this order: tools made for migrating only come before libraries that also can. */
export const migrationFinders: readonly Finder[] = [
  nodePgMigrate,
  dbmate,
  graphileMigrate,
  drizzleKit,
  prisma,
  kyselyCtl,
  knex,
  typeorm,
];

const where = "migrations";

function uses(survey: Survey, name: string): boolean {
  return dependenciesOf(survey.manifest).has(name);
}

function folder(
  survey: Survey,
  tool: MigrationToolName,
  candidates: (string | undefined)[],
): FoundMigrations {
  const named = candidates
    .filter((path) => path !== undefined && path !== "")
    .map((path) => trim(path ?? ""));
  const directory = named.find((path) => exists(survey, path));
  if (directory !== undefined) return { tool, directory, problems: [] };
  const tried = [...new Set(named)].join(", ");
  const message = `the folder of ${tool}'s migrations was not found (looked for ${tried})`;
  return {
    tool,
    problems: [{ where, message, remedy: `name it: migrations: { directory: "${named[0] ?? ""}" }` }],
  };
}

function trim(path: string): string {
  return posix.normalize(path).replace(/\/$/, "");
}

function exists(survey: Survey, path: string): boolean {
  const wanted = trim(path);
  return survey.paths.some((one) => one === wanted || one.startsWith(`${wanted}/`));
}

function scriptsOf(survey: Survey): string {
  return Object.values(survey.manifest.scripts ?? {}).join("\n");
}

function flagInScripts(survey: Survey, binary: string, ...names: string[]): string | undefined {
  for (const command of Object.values(survey.manifest.scripts ?? {}).flatMap(parseScript)) {
    const index = command.argv.findIndex((word) => word.replace(/^.*\//, "") === binary);
    if (index === -1) continue;
    const flags = flagsOf(command.argv.slice(index + 1));
    const value = names.map((name) => flags.get(name)).find((flag) => typeof flag === "string");
    if (typeof value === "string") return value;
  }
  return undefined;
}

async function configText(survey: Survey, base: string): Promise<string> {
  const path = extensions.map((extension) => `${base}.${extension}`).find(survey.has);
  return path === undefined ? "" : withoutComments((await survey.read(path)) ?? "");
}

function property(text: string, name: string): string | undefined {
  return new RegExp(`["']?\\b${name}["']?\\s*:\\s*["'\`]([^"'\`]+)["'\`]`).exec(text)?.[1];
}

// `path.join(__dirname, "db", "migrations")` and `"./migrations"`: the strings of the expression, joined.
function lastString(expression: string | undefined): string | undefined {
  if (expression === undefined) return undefined;
  const upToComma = /^[^"'`(]*(?:\([^)]*\)|["'`][^"'`]*["'`])/.exec(expression)?.[0] ?? "";
  const strings = [...upToComma.matchAll(/["'`]([^"'`]+)["'`]/g)].map((match) => match[1] ?? "");
  return strings.length === 0 ? undefined : posix.join(...strings);
}
