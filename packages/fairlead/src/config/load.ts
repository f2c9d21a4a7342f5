import { dirname } from "node:path";

import { type Context, FairleadError } from "../kernel/index.ts";
import { evaluateConfigFile } from "./evaluate.ts";
import { findConfigFile } from "./find.ts";
import { type ConfigProblem, formatConfigProblem, problemsOfIssues } from "./issues.ts";
import type { Path } from "./outline.ts";
import { rules } from "./rules.ts";
import { configSchema, type EnvironmentConfig, type ParsedConfig, type ResolvedConfig } from "./schema.ts";

/** A configuration that was found, evaluated and checked. */
export interface LoadedConfig {
  /** Absolute path of the file. */
  file: string;
  /** Absolute path of its folder: the project's root, where `.fairlead/` lies. */
  root: string;
  config: ResolvedConfig;
}

const defaultPorts: Record<string, number> = { production: 3000, staging: 3001, development: 3002 };

/**
 * Loads `fairlead.config.ts` from the context's folder or the nearest one above it, or the file that is
 * named. Errors, all with the exit code `usage`: `config-missing`, `config-unloadable` (file, line and
 * message), `config-invalid` (every problem at once in `details`).
 */
export async function loadConfig(context: Context, options: { file?: string } = {}): Promise<LoadedConfig> {
  const file = await findConfigFile(context, options.file);
  const root = dirname(file);
  const value = await evaluateConfigFile(context, file);
  return { file, root, config: checkConfig(value, { file, root }) };
}

/** Checks an evaluated configuration and fills in the defaults. Errors: `config-invalid`. */
export function checkConfig(value: unknown, place: { file: string; root: string }): ResolvedConfig {
  const { config, problems } = parse(value);
  const broken = problems.map((problem) => problem.path);
  const followUps = rules
    .flatMap((rule) => (config === undefined ? [] : rule(config, place.root)))
    .filter((found) => ![found.path, ...(found.others ?? [])].some((path) => touches(path, broken)));
  const all = [...problems, ...followUps];
  if (config !== undefined && all.length === 0) return config;
  const count = all.length === 1 ? "1 problem" : `${String(all.length)} problems`;
  throw new FairleadError("config-invalid", `${place.file} has ${count}`, {
    exit: "usage",
    hint: "Correct the file; nothing was changed.",
    details: all.map(formatConfigProblem),
  });
}

/**
 * Parses as much as can be parsed: what the schema refuses is taken out and the rest parsed again, so that
 * the rules can look at it too and everything is reported at once.
 */
function parse(value: unknown): { config?: ResolvedConfig; problems: ConfigProblem[] } {
  const first = configSchema.safeParse(value);
  if (first.success) return { config: withPorts(first.data), problems: [] };
  const problems = problemsOfIssues(first.error.issues, value);
  if (typeof value !== "object" || value === null) return { problems };
  const rest: object = structuredClone(value);
  for (const { path } of problems) removeAt(rest, beforeIndex(path));
  const second = configSchema.safeParse({ application: "unnamed", environments: {}, ...rest });
  return second.success ? { config: withPorts(second.data), problems } : { problems };
}

function withPorts(config: ParsedConfig): ResolvedConfig {
  const environments = Object.entries(config.environments).map(
    ([name, environment]): [string, EnvironmentConfig] => [
      name,
      { ...environment, port: environment.port ?? defaultPorts[name] ?? 0 },
    ],
  );
  return { ...config, environments: Object.fromEntries(environments) };
}

// A list with a broken item is taken out whole, as without the item the others would have another place.
function beforeIndex(path: Path): Path {
  const index = path.findIndex((part) => typeof part === "number");
  return index === -1 ? path : path.slice(0, index);
}

function removeAt(value: object, path: Path): void {
  const [part, ...rest] = path;
  if (part === undefined || !Object.hasOwn(value, part)) return;
  const child = (value as Record<string | number, unknown>)[part];
  if (rest.length === 0) Reflect.deleteProperty(value, part);
  else if (typeof child === "object" && child !== null) removeAt(child, rest);
}

// True where one of the broken places is the path itself or holds it.
function touches(path: Path, broken: readonly Path[]): boolean {
  return broken.some((place) => place.every((part, index) => path[index] === part));
}
