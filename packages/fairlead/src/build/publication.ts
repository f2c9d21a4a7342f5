import { existsSync } from "node:fs";
import { copyFile, link, mkdir, rename, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { Context } from "../kernel/index.ts";
import {
  buildingDirectory,
  readFileList,
  readRelease,
  type Release,
  type ReleaseDescription,
  releasesDirectory,
  treeName,
  verifyRelease,
  writeRelease,
} from "./release.ts";
import type { SourceState } from "./source-state.ts";
import { describeFiles, digestTree, isRuntimeCache, listFiles } from "./tree.ts";

/** What is known of a release before its files are counted. */
export type Draft = Pick<
  ReleaseDescription,
  "version" | "inputDigest" | "application" | "start" | "migrations" | "health" | "nodeVersion"
>;

const maximumTries = 100;

/**
 * Turns a finished folder into a release: counts its files, names it, and moves it to its place in one step. Where the same
 * release is there already, that one is kept; one of the same name whose files were changed since is left alone, and the new
 * one gets a number.
 */
export async function publishRelease(
  context: Context,
  root: string,
  building: string,
  draft: Draft,
  state: SourceState,
): Promise<Release> {
  const tree = join(building, treeName);
  const entries = await describeFiles(tree, await listFiles(tree, isRuntimeCache));
  const digest = digestTree(entries);
  const name = releaseName(draft.version, state, digest);
  for (let number = 1; number <= maximumTries; number += 1) {
    const id = number === 1 ? name : `${name}-${String(number)}`;
    const target = join(releasesDirectory(root), id);
    const existing = await readRelease(root, id);
    if (existing !== undefined && (await isSame(existing, draft, digest))) {
      return adopt(root, existing, draft);
    }
    if (existsSync(target)) continue;
    await writeRelease(
      building,
      {
        id,
        ...draft,
        ...(state.sha === undefined ? {} : { sha: state.sha }),
        ...(state.branch === undefined ? {} : { branch: state.branch }),
        dirty: state.dirty,
        createdAt: new Date(context.clock.now()).toISOString(),
        digest,
        sizeBytes: entries.reduce((sum, entry) => sum + (entry.kind === "file" ? entry.size : 0), 0),
        files: entries.length,
      },
      entries,
    );
    await rename(building, target);
    return mustRead(root, id);
  }
  throw new Error(`there are ${String(maximumTries)} releases called ${name}`);
}

/**
 * Makes a release of the same files under the name of another commit, without a build: for one that was made before its
 * sources were committed. Files of installed packages are shared, all others copied.
 */
export async function relabelRelease(
  context: Context,
  root: string,
  release: Release,
  state: SourceState,
): Promise<Release> {
  const building = buildingDirectory(root);
  const from = join(release.directory, treeName);
  try {
    for (const entry of await readFileList(release)) {
      const target = join(building, treeName, entry.path);
      await mkdir(dirname(target), { recursive: true });
      if (entry.kind === "link") await symlink(entry.target, target);
      else if (entry.path.includes("node_modules/")) await link(join(from, entry.path), target);
      else await copyFile(join(from, entry.path), target);
    }
    const { version, inputDigest, start, migrations, health, nodeVersion } = release;
    const draft: Draft = {
      ...{ version, inputDigest, start, nodeVersion, application: release.application },
      ...(migrations === undefined ? {} : { migrations }),
      ...(health === undefined ? {} : { health }),
    };
    return await publishRelease(context, root, building, draft, state);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

/** `<version>-<short commit or nogit>[-dirty]-<first 8 of the digest>`. */
export function releaseName(
  version: string,
  state: Pick<SourceState, "sha" | "dirty">,
  digest: string,
): string {
  const commit = state.sha?.slice(0, 7) ?? "nogit";
  const parts = [version.replaceAll(/[^\w.+-]/g, "_").replace(/^[.-]+/, "") || "0", commit];
  if (state.dirty) parts.push("dirty");
  return [...parts, digest.slice(0, 8)].join("-");
}

async function isSame(existing: Release, draft: Draft, digest: string): Promise<boolean> {
  const started = (one: Pick<Draft, "start" | "migrations" | "health" | "application">) =>
    JSON.stringify([one.start, one.migrations, one.health, one.application]);
  if (existing.digest !== digest || started(existing) !== started(draft)) return false;
  return verifyRelease(existing);
}

// Its files are what these inputs make, too: the next build with them finds it.
async function adopt(root: string, existing: Release, draft: Draft): Promise<Release> {
  if (existing.inputDigest === draft.inputDigest) return existing;
  const { directory, ...description } = existing;
  Reflect.deleteProperty(description, "applicationDirectory");
  await writeRelease(directory, { ...description, inputDigest: draft.inputDigest });
  return mustRead(root, existing.id);
}

async function mustRead(root: string, id: string): Promise<Release> {
  const release = await readRelease(root, id);
  if (release === undefined) throw new Error(`the release ${id} is gone although it was just made`);
  return release;
}
