import { rm } from "node:fs/promises";
import { join } from "node:path";

import { type Context, FairleadError, type Problem, type Secret } from "../kernel/index.ts";
import type { PackageManager, Stack } from "../stack/index.ts";
import { assemble, startOf } from "./assembly.ts";
import { withBuildLock } from "./build-lock.ts";
import { endBuildProcess, noteBuildProcess } from "./build-process.ts";
import { runBuild } from "./build-run.ts";
import { type Collection, openCollection } from "./collection.ts";
import {
  buildCommand,
  type BuildConfig,
  changedSources,
  type Inputs,
  readInputs,
  withMigrations,
} from "./inputs.ts";
import { checkNodeVersion } from "./node-version.ts";
import { publishRelease, relabelRelease } from "./publication.ts";
import {
  buildingDirectory,
  listReleases,
  type Release,
  removeInterrupted,
  touchRelease,
  treeName,
  verifyRelease,
} from "./release.ts";
import { isSource } from "./scope.ts";
import { type SourceState, sourceState } from "./source-state.ts";
import { changedPaths, describeFiles } from "./tree.ts";

export interface BuildRequest {
  /** Folder of the config. */
  root: string;
  stack: Stack;
  config: BuildConfig;
  /** Build even if the same inputs were built before. */
  rebuild?: boolean | undefined;
  /** Variables given to the build command. */
  variables?: Record<string, string | Secret>;
  /** How long another build of the project is waited for; 10 minutes unless told. */
  waitMs?: number;
  onOutput: (text: string) => void;
}

export interface BuildResult {
  release: Release;
  /** Nothing was built: the same inputs had been built before. */
  reused: boolean;
  durationMs: number;
  /** What the build command printed, its end at least. */
  output: string;
  problems: Problem[];
}

type Made = Omit<BuildResult, "durationMs">;

const defaultWaitMs = 10 * 60_000;
const maximumAttempts = 2;
const shownNames = 10;

/**
 * Makes the release of the work tree as it is, or finds the one that the same inputs made before. The build runs in place;
 * what it made is copied together under a temporary name, and the release appears whole or not at all.
 * Errors: `dependencies-missing`, `build-failed`, `sources-changed`, `start-unknown`, `release-incomplete`, `build-locked`.
 */
export async function buildRelease(context: Context, given: BuildRequest): Promise<BuildResult> {
  const startedAt = performance.now();
  const request = { ...given, stack: withMigrations(given.stack, given.config) };
  const { root, onOutput } = request;
  const lock = { waitMs: request.waitMs ?? defaultWaitMs, onWait: onOutput };
  const made = await withBuildLock(context, root, lock, async () => {
    await endBuildProcess(context, root);
    await removeInterrupted(root);
    const inputs = await readInputs(context, request.stack, request.config);
    const known = request.rebuild === true ? undefined : await reuse(context, root, inputs);
    return known ?? (await make(context, request, inputs));
  });
  const nodeProblem = checkNodeVersion(request.stack.nodeVersion, process.version);
  const problems = nodeProblem === undefined ? made.problems : [nodeProblem, ...made.problems];
  return { ...made, problems, durationMs: performance.now() - startedAt };
}

/** The digest of the work tree's inputs, and the release that they made if it is there; builds nothing. */
export async function releaseForSources(
  context: Context,
  request: Pick<BuildRequest, "root" | "stack" | "config">,
): Promise<{ inputDigest: string; release?: Release }> {
  const stack = withMigrations(request.stack, request.config);
  const inputs = await readInputs(context, stack, request.config);
  const state = await inputState(context, inputs);
  const release = (await sameInputs(request.root, inputs.digest)).find((one) => isLabelled(one, state));
  return { inputDigest: inputs.digest, ...(release === undefined ? {} : { release }) };
}

async function reuse(context: Context, root: string, inputs: Inputs): Promise<Made | undefined> {
  const state = await inputState(context, inputs);
  const known = await sameInputs(root, inputs.digest);
  const [newest] = known;
  if (newest === undefined) return undefined;
  const labelled = known.find((one) => isLabelled(one, state));
  const release = labelled ?? (await relabelRelease(context, root, newest, state));
  await touchRelease(release, context.clock.now());
  return { release, reused: true, output: "", problems: [] };
}

/** Intact releases that were made from these inputs, the newest first. */
async function sameInputs(root: string, inputDigest: string): Promise<Release[]> {
  const intact: Release[] = [];
  for (const release of await listReleases(root)) {
    if (release.inputDigest === inputDigest && (await verifyRelease(release))) intact.push(release);
  }
  return intact;
}

// A release of a commit stays one when HEAD moves on by changes that are no inputs. One that was made before its sources were
// committed says so in its name, and does not stand for the commit.
function isLabelled(release: Release, state: SourceState): boolean {
  if (state.dirty || state.sha === undefined) return true;
  return release.sha !== undefined && !release.dirty;
}

function inputState(context: Context, { scope }: Inputs): Promise<SourceState> {
  return sourceState(context, scope.root, (path) => isSource(scope, path));
}

async function make(context: Context, request: BuildRequest, first: Inputs): Promise<Made> {
  const { stack, config, root } = request;
  if (first.missing.length > 0) throw dependenciesMissing(stack.packageManager, first.missing);
  // Of Next.js only the finished build can tell.
  if (stack.framework !== "next") startOf(stack, config, undefined);
  const { inputs, output } = await buildStable(context, request, first);
  const building = buildingDirectory(root);
  try {
    const [earlier] = await listReleases(root);
    const collection = await openCollection(inputs.scope.root, join(building, treeName), earlier);
    const { start, problems } = await assemble(collection, { stack, config, inputs });
    await assertCopied(collection, inputs);
    const draft = {
      version: stack.version,
      inputDigest: inputs.digest,
      application: inputs.scope.application,
      start,
      ...(stack.migrations === undefined ? {} : { migrations: stack.migrations }),
      ...(stack.health === undefined ? {} : { health: stack.health }),
      nodeVersion: process.version,
    };
    const release = await publishRelease(context, root, building, draft, await inputState(context, inputs));
    return { release, reused: false, output, problems };
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

/** Builds until the inputs are the same before and after, at most twice; gives those and what the builds printed. */
async function buildStable(
  context: Context,
  request: BuildRequest,
  first: Inputs,
): Promise<{ inputs: Inputs; output: string }> {
  const { root, stack, config, onOutput, variables = {} } = request;
  const command = buildCommand(stack, config);
  if (command === undefined) return { inputs: first, output: "" };
  const folder = join(first.scope.root, first.scope.application);
  const onStart = (pid: number) => {
    noteBuildProcess(root, pid);
  };
  const run = { folder, root: first.scope.root, command, variables, onOutput, onStart };
  let output = "";
  let before = first;
  for (let attempt = 1; ; attempt += 1) {
    output += await runBuild(context, run).finally(() => endBuildProcess(context, root));
    const after = await readInputs(context, stack, config);
    if (after.digest === before.digest) return { inputs: after, output };
    const changed = changedSources(before, after);
    if (attempt === maximumAttempts) throw sourcesChanged(changed);
    const what = changed.slice(0, shownNames).join(", ") || "packages or settings";
    onOutput(`changed while it was built, so it is built once more: ${what}\n`);
    before = after;
  }
}

// Between the last look at the sources and the copy of each there is a moment in which it may have been edited.
async function assertCopied(collection: Collection, inputs: Inputs): Promise<void> {
  const files = inputs.sources.filter((entry) => entry.kind === "file" && collection.places.has(entry.path));
  const copies = await describeFiles(
    collection.tree,
    files.map(({ path }) => path),
  );
  const changed = changedPaths(files, copies);
  if (changed.length > 0) throw sourcesChanged(changed);
}

function sourcesChanged(changed: readonly string[]): FairleadError {
  return new FairleadError("sources-changed", "the sources changed while they were built", {
    details: changed.slice(0, shownNames),
    hint: "Build again when nobody edits. Files that the build writes belong into .gitignore or `build.outputs`.",
  });
}

function dependenciesMissing(packageManager: PackageManager, missing: readonly string[]): FairleadError {
  const command = packageManager === "npm" ? "npm ci" : `${packageManager} install`;
  return new FairleadError(
    "dependencies-missing",
    `${String(missing.length)} dependencies are not installed`,
    {
      exit: "environment",
      details: missing.slice(0, shownNames),
      hint: `${command} (Yarn: with nodeLinker: node-modules, as Plug'n'Play has no folder to copy)`,
    },
  );
}
