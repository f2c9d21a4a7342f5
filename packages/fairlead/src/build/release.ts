import { readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";

import { codeOf, readJson, stateDirectory, writeAtomically } from "../kernel/index.ts";
import type { MigrationToolName, StartCommand } from "../stack/index.ts";
import { changedPaths, describeFiles, type TreeEntry } from "./tree.ts";

/** An immutable build of an application: a folder that holds all it needs to run, and what it was made from. */
export interface Release {
  /** `<version>-<short commit or nogit>[-dirty]-<first 8 of the digest>`. */
  id: string;
  version: string;
  /** Full commit. */
  sha?: string;
  branch?: string;
  /** Sources differed from the commit, or were not in it. */
  dirty: boolean;
  /** ISO time. */
  createdAt: string;
  /** Digest of its files. */
  digest: string;
  /** Digest of what it was made from: the same inputs are not built again. */
  inputDigest: string;
  /** Absolute path of the release's folder. */
  directory: string;
  /** Path of the application within the release's tree. */
  application: string;
  /** Absolute path of the application in it: the folder to start it in. */
  applicationDirectory: string;
  /** Paths are relative to `applicationDirectory`. */
  start: StartCommand;
  /** `directory` is relative to `applicationDirectory`. */
  migrations?: { tool: MigrationToolName; directory: string };
  /** Health path found in the sources. */
  health?: string;
  /** Version of the Node.js that built it: `v24.1.0`. */
  nodeVersion: string;
  sizeBytes: number;
  files: number;
}

/** What stands in `release.json`: no absolute path, so that a project can be moved. */
export type ReleaseDescription = Omit<Release, "directory" | "applicationDirectory">;

export const treeName = "tree";
const releaseName = "release.json";
const manifestName = "manifest.json";
const removedPrefix = ".removed-";
const buildingPrefix = ".building-";

/** The folder that holds a project's releases. */
export function releasesDirectory(root: string): string {
  return join(stateDirectory(root), "releases");
}

/** A new name for a folder in which a release is put together. */
export function buildingDirectory(root: string): string {
  const unique = `${String(process.pid)}-${Date.now().toString(36)}`;
  return join(releasesDirectory(root), `${buildingPrefix}${unique}`);
}

/** Writes a release's description beside its tree, and the list of its files where there is none yet. */
export async function writeRelease(
  folder: string,
  description: ReleaseDescription,
  entries?: readonly TreeEntry[],
): Promise<void> {
  if (entries !== undefined) await writeAtomically(join(folder, manifestName), JSON.stringify(entries));
  await writeAtomically(join(folder, releaseName), `${JSON.stringify(description, undefined, 2)}\n`);
}

/** The release of that id, `undefined` when it is not on this machine. */
export async function readRelease(root: string, id: string): Promise<Release | undefined> {
  if (!/^[\w.+-]+$/.test(id) || id.startsWith(".")) return undefined;
  const directory = join(releasesDirectory(root), id);
  const description = await readJson<ReleaseDescription>(join(directory, releaseName));
  if (description === undefined) return undefined;
  return {
    ...description,
    directory,
    applicationDirectory: join(directory, treeName, description.application),
  };
}

/** All releases on this machine, the newest first. */
export async function listReleases(root: string): Promise<Release[]> {
  const names = await listFolder(releasesDirectory(root));
  const releases = await Promise.all(names.map((name) => readRelease(root, name)));
  return releases
    .filter((release) => release !== undefined)
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt) || b.id.localeCompare(a.id));
}

/** The files of a release as they were when it was made. */
export async function readFileList(release: Pick<Release, "directory">): Promise<TreeEntry[]> {
  return (await readJson<TreeEntry[]>(join(release.directory, manifestName))) ?? [];
}

/** True while every file of a release is as the build left it; files that the application added beside them do not count. */
export async function verifyRelease(release: Pick<Release, "directory" | "files">): Promise<boolean> {
  return (await alteredFiles(release)).length === 0;
}

/** The files of a release that were changed or removed since the build. */
export async function alteredFiles(release: Pick<Release, "directory" | "files">): Promise<string[]> {
  const expected = await readFileList(release);
  if (expected.length !== release.files) return [manifestName];
  const paths = expected.map((entry) => entry.path);
  return changedPaths(expected, await describeFiles(join(release.directory, treeName), paths));
}

/** Notes that a release was wanted again, so that pruning takes others first. */
export async function touchRelease(release: Release, atMs: number): Promise<void> {
  const at = new Date(atMs);
  await utimes(join(release.directory, releaseName), at, at);
}

/**
 * Deletes all but the `keep` releases that were made or wanted last, and those in use; gives the ids of the deleted.
 * A deleted release vanishes at once: what an interruption leaves of it is removed by the next build or pruning.
 */
export async function pruneReleases(
  root: string,
  keep: number,
  inUse: ReadonlySet<string>,
): Promise<string[]> {
  await removeLeftovers(root, removedPrefix);
  const releases = await listReleases(root);
  const dated = await Promise.all(
    releases.map(async (release) => ({
      release,
      usedAt: (await stat(join(release.directory, releaseName))).mtimeMs,
    })),
  );
  const idle = dated.filter(({ release }) => !inUse.has(release.id)).sort((a, b) => b.usedAt - a.usedAt);
  const removed: string[] = [];
  for (const { release } of idle.slice(keep)) {
    await removeRelease(root, release.id);
    removed.push(release.id);
  }
  return removed;
}

/** Removes what builds and deletions that were killed left behind; only for who holds the build lock. */
export async function removeInterrupted(root: string): Promise<void> {
  await removeLeftovers(root, buildingPrefix);
  await removeLeftovers(root, removedPrefix);
}

async function removeRelease(root: string, id: string): Promise<void> {
  const folder = releasesDirectory(root);
  const hidden = join(folder, `${removedPrefix}${id}`);
  await rm(hidden, { recursive: true, force: true });
  await rename(join(folder, id), hidden);
  await rm(hidden, { recursive: true, force: true });
}

async function removeLeftovers(root: string, prefix: string): Promise<void> {
  for (const name of await listFolder(releasesDirectory(root))) {
    if (name.startsWith(prefix))
      await rm(join(releasesDirectory(root), name), { recursive: true, force: true });
  }
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}
