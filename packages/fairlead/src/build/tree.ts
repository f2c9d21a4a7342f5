import { createHash, hash } from "node:crypto";
import { createReadStream, lstatSync, readFileSync, readlinkSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { setImmediate } from "node:timers/promises";

import { codeOf } from "../kernel/index.ts";
import { comparePaths, joinPath } from "./paths.ts";

/** One file or symbolic link of a tree; `path` from its root, with `/`. */
export type TreeEntry =
  | { path: string; kind: "file"; executable: boolean; size: number; sha256: string; modifiedMs: number }
  | { path: string; kind: "link"; target: string };

const filesPerTurn = 100;
const largeBytes = 4_000_000;

/**
 * True for what an application writes into its own folder while it runs: Next.js keeps fetched data and optimised pictures
 * below `.next/cache`, many tools use `node_modules/.cache`. No part of a release, neither copied nor in its digest.
 */
export function isRuntimeCache(path: string): boolean {
  return /(^|\/)(\.next\/cache|node_modules\/\.cache)(\/|$)/.test(path);
}

/** The paths of all files and links below a folder, sorted; `skip` leaves out a folder with all it holds, or a file. */
export async function listFiles(folder: string, skip: (path: string) => boolean): Promise<string[]> {
  const found: string[] = [];
  const pending = [""];
  for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
    for (const entry of await readdir(join(folder, current), { withFileTypes: true })) {
      const path = joinPath(current, entry.name);
      if (skip(path)) continue;
      if (entry.isDirectory()) pending.push(path);
      else if (entry.isFile() || entry.isSymbolicLink()) found.push(path);
    }
  }
  return found.sort(comparePaths);
}

/** Reads what a digest needs of the given files; those that are gone, and folders, are left out. */
export async function describeFiles(folder: string, paths: readonly string[]): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  for (const [index, path] of paths.entries()) {
    // Most files are small: reading them at once takes a fraction of what as many turns of the event loop take.
    if (index % filesPerTurn === 0) await setImmediate();
    const entry = await describeFile(folder, path);
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

async function describeFile(folder: string, path: string): Promise<TreeEntry | undefined> {
  const absolute = join(folder, path);
  try {
    const info = lstatSync(absolute);
    if (info.isSymbolicLink()) return { path, kind: "link", target: readlinkSync(absolute) };
    if (!info.isFile()) return undefined;
    const sha256 = hashSmall(absolute, info.size) ?? (await hashLarge(absolute));
    const executable = (info.mode & 0o111) !== 0;
    return { path, kind: "file", executable, size: info.size, sha256, modifiedMs: info.mtimeMs };
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

/** The sha256 of a file's content, in hex. */
export async function hashFile(path: string, size: number): Promise<string> {
  return hashSmall(path, size) ?? (await hashLarge(path));
}

function hashSmall(path: string, size: number): string | undefined {
  return size > largeBytes ? undefined : hash("sha256", readFileSync(path), "hex");
}

async function hashLarge(path: string): Promise<string> {
  const sum = createHash("sha256");
  await pipeline(createReadStream(path), sum);
  return sum.digest("hex");
}

/**
 * The digest of a tree, in hex: sha256 over its entries by path, each as path, kind or executable bit, and size with content
 * digest or link target, with NUL between and newline after. Times and owners do not count.
 */
export function digestTree(entries: readonly TreeEntry[]): string {
  const sum = createHash("sha256");
  for (const entry of entries.toSorted((a, b) => comparePaths(a.path, b.path))) {
    const parts =
      entry.kind === "link"
        ? [entry.path, "link", entry.target]
        : [entry.path, entry.executable ? "x" : "-", String(entry.size), entry.sha256];
    sum.update(`${parts.join("\0")}\n`);
  }
  return sum.digest("hex");
}

/** Paths that differ between two states of a tree: changed, added or removed. */
export function changedPaths(before: readonly TreeEntry[], after: readonly TreeEntry[]): string[] {
  const earlier = new Map(before.map((entry) => [entry.path, digestTree([entry])]));
  const changed: string[] = [];
  for (const entry of after) {
    if (earlier.get(entry.path) !== digestTree([entry])) changed.push(entry.path);
    earlier.delete(entry.path);
  }
  return [...changed, ...earlier.keys()].sort(comparePaths);
}
