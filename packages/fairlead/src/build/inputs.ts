import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";

import type { ResolvedConfig } from "../config/index.ts";
import { type Context, readText } from "../kernel/index.ts";
import type { Stack } from "../stack/index.ts";
import { publicVariable } from "./build-run.ts";
import { closeDependencies, type Need, needsOf } from "./closure.ts";
import { findPackage, readManifest } from "./packages.ts";
import { isWithin, pathBelow } from "./paths.ts";
import { findScope, listSources, type Scope } from "./scope.ts";
import { changedPaths, describeFiles, digestTree, type TreeEntry } from "./tree.ts";

/** The part of the configuration that a release depends on. */
export type BuildConfig = Pick<ResolvedConfig, "build" | "start" | "migrations">;

/** Everything a release is made from, at one moment. */
export interface Inputs {
  scope: Scope;
  sources: TreeEntry[];
  /** Same inputs, same digest. */
  digest: string;
  /** Needed by the application itself, but not installed. */
  missing: string[];
}

/** Raised when the same inputs would be laid out differently. */
const layoutVersion = 1;
const environmentFiles = [".env", ".env.local", ".env.production", ".env.production.local"];

/**
 * Reads all inputs of a release. Its digest covers: the sources with the lockfile; build, start and migration settings; the
 * installed versions of the packages used; public build variables with their values (they end up in the pages); the Node.js
 * version, system and processor. Other variables and environment files do not count: a release holds none.
 */
export async function readInputs(context: Context, stack: Stack, config: BuildConfig): Promise<Inputs> {
  const outputs = buildCommand(stack, config) === undefined ? [] : buildOutputs(stack, config);
  const { scope, sources } = await readSources(context, await findScope(stack, outputs));
  const installed = await listInstalled(scope);
  const settings = {
    layoutVersion,
    application: scope.application,
    build: buildCommand(stack, config),
    outputs: buildOutputs(stack, config),
    start: config.start ?? stack.start,
    migrations: stack.migrations,
    installed: installed.versions,
    variables: await publicVariables(context, join(scope.root, scope.application)),
    node: [process.version, process.platform, process.arch],
  };
  const digest = createHash("sha256")
    .update(digestTree(sources))
    .update(JSON.stringify(settings))
    .digest("hex");
  return { scope, sources, digest, missing: installed.missing };
}

// A link to a folder of the repository makes that folder a source as well; links may lead to further ones.
async function readSources(context: Context, scope: Scope): Promise<{ scope: Scope; sources: TreeEntry[] }> {
  const sources = await describeFiles(scope.root, await listSources(context, scope));
  const linked: string[] = [];
  for (const entry of sources) {
    if (entry.kind !== "link") continue;
    const real = await realpath(join(scope.root, entry.path)).catch(() => undefined);
    const path = real === undefined ? undefined : pathBelow(scope.root, real);
    const isKnown =
      path === undefined || path === "" || scope.folders.some((folder) => isWithin(path, folder));
    if (!isKnown && !path.split("/").includes("node_modules")) linked.push(path);
  }
  if (linked.length === 0) return { scope, sources };
  return readSources(context, { ...scope, folders: [...scope.folders, ...linked] });
}

/** The detected stack with the migrations that the config says. */
export function withMigrations(stack: Stack, config: BuildConfig): Stack {
  const { migrations: detected, ...rest } = stack;
  if (config.migrations === false) return rest;
  const tool = config.migrations.tool ?? detected?.tool;
  const directory = config.migrations.directory ?? detected?.directory;
  return tool === undefined || directory === undefined ? rest : { ...rest, migrations: { tool, directory } };
}

/** The build command that is run, if any: the config's, else the detected one. */
export function buildCommand(stack: Stack, config: BuildConfig): string[] | undefined {
  return config.build.command ?? stack.build;
}

/** The folders the build writes, from the application: the config's, else the detected ones. */
export function buildOutputs(stack: Stack, config: BuildConfig): string[] {
  return config.build.outputs ?? stack.buildOutputs;
}

/** The sources that differ between two readings. */
export function changedSources(before: Inputs, after: Inputs): string[] {
  return changedPaths(before.sources, after.sources);
}

async function listInstalled(scope: Scope): Promise<{ versions: string[]; missing: string[] }> {
  const folder = join(scope.root, scope.application);
  const closure = await closeDependencies(scope.root, [{ folder }]);
  const versions = closure.members
    .filter((member) => !member.own)
    .map(({ place, version }) => `${place}@${version}`);
  const manifest = await readManifest(folder);
  for (const name of Object.keys(manifest?.devDependencies ?? {})) {
    const found = await findPackage(name, folder);
    const version = found === undefined ? undefined : (await readManifest(found.real))?.version;
    versions.push(`${name}@${version ?? "missing"}`);
  }
  const missing: string[] = [];
  for (const { name } of needsOf(manifest).filter(isRequired)) {
    if ((await findPackage(name, folder)) === undefined) missing.push(name);
  }
  return { versions: versions.sort(), missing };
}

async function publicVariables(context: Context, folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const add = (variables: NodeJS.Dict<string>) => {
    for (const [name, value] of Object.entries(variables)) {
      if (publicVariable.test(name) && value !== undefined) found[name] = value;
    }
  };
  for (const name of environmentFiles) {
    const text = await readText(join(folder, name));
    if (text !== undefined) add(parseEnv(text));
  }
  add(context.env);
  return Object.fromEntries(Object.entries(found).sort());
}

function isRequired(need: Need): boolean {
  return !need.optional;
}
