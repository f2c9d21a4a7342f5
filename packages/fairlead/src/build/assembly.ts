import { lstat, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";

import { FairleadError, type Problem } from "../kernel/index.ts";
import type { Stack, StartCommand } from "../stack/index.ts";
import { closeDependencies, type Closure, type ClosureStart, type Member, needsOf } from "./closure.ts";
import { addFile, addFolder, addLink, type Collection, completeLinks, hasPlace } from "./collection.ts";
import { migrationNeeds, startNeeds } from "./imports.ts";
import { type BuildConfig, buildOutputs, type Inputs } from "./inputs.ts";
import { addStandalone, findStandalone, type Standalone } from "./next-standalone.ts";
import { namedParts, readManifest } from "./packages.ts";
import { isWithin, joinPath } from "./paths.ts";
import { parseStart } from "./start-command.ts";

const notServed = /^(standalone|cache|dev|types|diagnostics|trace|trace-build|turbopack)$/;

/** How an application is started from its release, and what is odd about the release. */
export interface Assembly {
  start: StartCommand;
  problems: Problem[];
}

/** What goes into a release: its sources and build, and the application's settings. */
export interface AssemblyRequest {
  stack: Stack;
  config: BuildConfig;
  inputs: Inputs;
}

/**
 * Puts a release's tree together after the build: sources, build outputs and the packages needed to run, each at its path in
 * the repository, so that relative paths and package resolution stay as they were.
 * Errors: `start-unknown`, `release-incomplete`.
 */
export async function assemble(collection: Collection, request: AssemblyRequest): Promise<Assembly> {
  const { stack, config, inputs } = request;
  const { root, application } = inputs.scope;
  const folder = join(root, application);
  const standalone = await standaloneOf(folder, stack, config);
  const start = startOf(stack, config, standalone);
  const closure = await closeDependencies(root, await closureStarts(request, start, standalone));

  await addSources(collection, inputs, closure, stack);
  const problems =
    standalone === undefined
      ? await addOutputs(collection, request)
      : (await addStandalone(collection, folder, application, standalone), []);
  await addPackages(collection, closure);
  await completeLinks(collection);
  if (start.kind === "node") await checkEntry(collection, folder, application, start.entry);
  // Git keeps no empty folder, and a tool would miss the one for migrations.
  if (stack.migrations !== undefined) {
    await mkdir(join(collection.tree, application, stack.migrations.directory), { recursive: true });
  }
  const missing = closure.missing.map((name) => ({
    where: name,
    message: "is needed to run the release but is not installed",
    remedy: `${stack.packageManager} install`,
  }));
  const leaving = collection.leaving.map((place) => ({
    where: place,
    message: "is a link that leads out of the repository: all releases share what is there",
  }));
  return { start, problems: [...problems, ...missing, ...leaving] };
}

/** How the application is started; `undefined` when only a finished build can tell. Errors: `start-unknown`. */
export function startOf(stack: Stack, config: BuildConfig, standalone: Standalone | undefined): StartCommand {
  if (config.start !== undefined) return parseStart(config.start);
  if (standalone !== undefined) {
    return { kind: "node", entry: joinPath(standalone.server, "server.js"), args: [], nodeArgs: [] };
  }
  if (stack.start !== undefined) return stack.start;
  throw new FairleadError("start-unknown", `how to start ${stack.name} could not be found out`, {
    exit: "usage",
    hint: 'Set `start` in fairlead.config.ts, for example start: ["node", "server.js"].',
  });
}

async function standaloneOf(
  folder: string,
  stack: Stack,
  config: BuildConfig,
): Promise<Standalone | undefined> {
  if (stack.framework !== "next") return undefined;
  const found = await findStandalone(folder, buildOutputs(stack, config));
  if (found === undefined || config.start === undefined) return found;
  const start = parseStart(config.start);
  return start.kind === "node" && isWithin(start.entry, found.server) ? found : undefined;
}

// A standalone server brings what it needs, so only the migrations' packages are to be added.
async function closureStarts(
  { stack, inputs }: AssemblyRequest,
  start: StartCommand,
  standalone: Standalone | undefined,
): Promise<ClosureStart[]> {
  const { root, application } = inputs.scope;
  const folder = join(root, application);
  const migrations = { folder, needs: await migrationNeeds(folder, stack.migrations) };
  if (standalone !== undefined) return [migrations];
  const own = { folder, needs: [...needsOf(await readManifest(folder)), ...startNeeds(start)] };
  // Some repositories declare everything at their root, and a hoisting install lets that work.
  return application === "" ? [own, migrations] : [own, migrations, { folder: root }];
}

async function addSources(
  collection: Collection,
  inputs: Inputs,
  closure: Closure,
  stack: Stack,
): Promise<void> {
  const { root, application, folders } = inputs.scope;
  const own = closure.members.filter((member) => member.own);
  const migrations =
    stack.migrations === undefined ? [] : [joinPath(application, stack.migrations.directory)];
  const wanted = folders.includes("") ? [""] : [application, ...migrations, ...own.map(({ place }) => place)];
  const unused = folders.filter(
    (folder) => !wanted.some((kept) => isWithin(folder, kept) || isWithin(kept, folder)),
  );
  const paths = inputs.sources
    .map(({ path }) => path)
    .filter((path) => !unused.some((one) => isWithin(path, one)));
  for (const path of paths) await addFile(collection, join(root, path), path);
  for (const member of own) await addNamedParts(collection, member);
}

// What a package's fields name and git ignores was built: with a file its whole folder is taken, as it imports from there.
async function addNamedParts(collection: Collection, { manifest, real, place }: Member): Promise<void> {
  for (const part of namedParts(manifest)) {
    const [first] = part.split("/");
    if (first === undefined || hasPlace(collection, joinPath(place, part))) continue;
    await addPart(collection, join(real, first), joinPath(place, first));
  }
}

async function addOutputs(collection: Collection, request: AssemblyRequest): Promise<Problem[]> {
  const { stack, config, inputs } = request;
  const problems: Problem[] = [];
  for (const output of buildOutputs(stack, config)) {
    const place = joinPath(inputs.scope.application, output.replace(/^(\.\/)+|\/+$/g, ""));
    if (await addPart(collection, join(inputs.scope.root, place), place)) continue;
    if (config.build.outputs !== undefined) {
      throw new FairleadError("release-incomplete", `the build did not write ${place}`, {
        hint: "Correct `build.outputs` in fairlead.config.ts.",
      });
    }
    problems.push({ where: place, message: "was expected from the build but is not there" });
  }
  return problems;
}

/** Copies a file or folder where there is one; of Next.js' output not what only development and the build itself use. */
async function addPart(collection: Collection, source: string, place: string): Promise<boolean> {
  const info = await stat(source).catch(() => undefined);
  if (info === undefined) return false;
  if (!info.isDirectory()) {
    await addFile(collection, source, place);
    return true;
  }
  const isNext =
    (await stat(join(source, "required-server-files.json")).catch(() => undefined)) !== undefined;
  const skipped = isNext ? notServed : /^node_modules$/;
  await addFolder(collection, source, place, (path) => skipped.test(path));
  return true;
}

async function addPackages(collection: Collection, closure: Closure): Promise<void> {
  for (const member of closure.members) {
    if (!member.own)
      await addFolder(collection, member.real, member.place, (path) => path === "node_modules");
  }
  for (const [place, target] of closure.links) addLink(collection, place, target);
  await addBinaries(collection, closure);
}

// Package managers differ in what they put into .bin; links made from each package's `bin` run everywhere.
async function addBinaries(collection: Collection, closure: Closure): Promise<void> {
  const places = new Map(closure.members.map((member) => [member.place, member]));
  const found = [...places.keys(), ...closure.links.keys()];
  for (const place of found) {
    const member = places.get(place) ?? places.get(closure.links.get(place) ?? "");
    const modules = /^(.*?node_modules)\/(?:@[^/]+\/)?[^/]+$/.exec(place)?.[1];
    if (member === undefined || modules === undefined || modules.includes("node_modules/")) continue;
    const { bin } = member.manifest;
    const named = typeof bin === "string" ? { [member.name.replace(/^@[^/]+\//, "")]: bin } : (bin ?? {});
    for (const [name, path] of Object.entries(named)) {
      if (!/^[\w.-]+$/.test(name)) continue;
      const target = joinPath(place, path.replace(/^(\.?\/)+/, ""));
      if (await lstat(join(collection.tree, target)).catch(() => undefined)) {
        addLink(collection, joinPath(modules, ".bin", name), target);
      }
    }
  }
}

// Detection may not know what the build writes: then the entry tells the folder.
async function checkEntry(
  collection: Collection,
  folder: string,
  application: string,
  entry: string,
): Promise<void> {
  const path = join(collection.tree, application, entry);
  const isThere = async () => (await stat(path).catch(() => undefined)) !== undefined;
  if (await isThere()) return;
  const first = entry.split("/")[0] ?? "";
  const isPart =
    first !== ".." && first !== "node_modules" && !hasPlace(collection, joinPath(application, first));
  if (isPart) {
    await addPart(collection, join(folder, first), joinPath(application, first));
    await completeLinks(collection);
  }
  if (await isThere()) return;
  const missing = joinPath(application, entry);
  throw new FairleadError("release-incomplete", `the release lacks ${missing}, which starts it`, {
    hint: "Set `start` and `build.outputs` in fairlead.config.ts to what the build writes.",
  });
}
