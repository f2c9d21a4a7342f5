import {
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
} from "node:fs";
import { copyFile, mkdir, stat } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { setImmediate } from "node:timers/promises";

import { codeOf } from "../kernel/index.ts";
import { isEnvironmentFile, joinPath, pathBelow } from "./paths.ts";
import { linkTarget, placeOf } from "./placement.ts";
import { readFileList, type Release, treeName } from "./release.ts";
import { hashFile, isRuntimeCache, type TreeEntry } from "./tree.ts";

/** A release's tree while it is put together from a work tree. */
export interface Collection {
  /** Real path of the repository's root. */
  root: string;
  /** Absolute path of the tree. */
  tree: string;
  /** Every path in the tree, and the folders above it. */
  places: Set<string>;
  /** Links that were copied, with the real path that each leads to. */
  links: { place: string; real: string }[];
  /** Places of links that lead out of the repository, and so out of the release. */
  leaving: string[];
  /** An earlier release; the same files of installed packages are shared with it. */
  earlier: { tree: string; entries: Map<string, TreeEntry> };
}

const maximumLinkRounds = 20;
const largeBytes = 4_000_000;
const placesPerTurn = 50;
/** Why a hard link cannot be made although the file is there: another file system, too many links, no right to. */
const unlinkable = new Set(["ENOENT", "EXDEV", "EMLINK", "EPERM"]);

/** Begins a tree. `earlier` only saves space and time. */
export async function openCollection(root: string, tree: string, earlier?: Release): Promise<Collection> {
  await mkdir(tree, { recursive: true });
  const entries = earlier === undefined ? [] : await readFileList(earlier);
  return {
    root,
    tree,
    places: new Set([""]),
    links: [],
    leaving: [],
    earlier: {
      tree: earlier === undefined ? "" : join(earlier.directory, treeName),
      entries: new Map(entries.map((entry) => [entry.path, entry])),
    },
  };
}

/** Copies one file or link to a place of the tree, unless something is there or it has no business in a release. */
export async function addFile(collection: Collection, source: string, place: string): Promise<void> {
  if (collection.places.has(place) || isUnwanted(collection, source)) return;
  const info = lstatSync(source);
  if (info.isSymbolicLink()) {
    addCopiedLink(collection, source, place);
    return;
  }
  if (!info.isFile()) return;
  claim(collection, place);
  if (await shareFile(collection, source, place, info)) return;
  const target = join(collection.tree, place);
  // For small files one call is far quicker than a turn of the event loop, which is given its turn now and then.
  if (info.size > largeBytes) await copyFile(source, target, constants.COPYFILE_FICLONE);
  else copyFileSync(source, target, constants.COPYFILE_FICLONE);
  if (collection.places.size % placesPerTurn === 0) await setImmediate();
}

/**
 * Copies a folder to a place of the tree, without runtime caches and repositories, and without environment files other than
 * those of installed packages. `skip` gets paths from the folder.
 */
export async function addFolder(
  collection: Collection,
  source: string,
  place: string,
  skip: (path: string) => boolean = () => false,
): Promise<void> {
  const pending = [""];
  for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
    for (const entry of readdirSync(join(source, current), { withFileTypes: true })) {
      const path = joinPath(current, entry.name);
      if (skip(path) || isUnwanted(collection, join(source, path))) continue;
      if (entry.isDirectory()) pending.push(path);
      else await addFile(collection, join(source, path), joinPath(place, path));
    }
  }
}

/** Makes a relative link from one place of the tree to another, unless something is there. */
export function addLink(collection: Collection, place: string, target: string): void {
  if (collection.places.has(place)) return;
  claim(collection, place);
  symlinkSync(linkTarget(place, target), join(collection.tree, place));
}

/** Copies what the copied links lead to as long as that is not in the tree, so that none leads out of it. */
export async function completeLinks(collection: Collection): Promise<void> {
  for (let round = 0; round < maximumLinkRounds; round += 1) {
    const open = collection.links.splice(0).filter(({ place }) => !collection.places.has(place));
    if (open.length === 0) return;
    for (const { place, real } of open) {
      if (collection.places.has(place)) continue;
      const isFolder = (await stat(real)).isDirectory();
      if (isFolder) await addFolder(collection, real, place, (path) => path === "node_modules");
      else await addFile(collection, real, place);
    }
  }
}

/** True when the tree has a file, link or folder there. */
export function hasPlace(collection: Collection, place: string): boolean {
  return collection.places.has(place);
}

/**
 * A link within the repository is made anew, relative, to what it finally leads to. One that leads out of it, say to a folder
 * of uploads, stays a link: its target belongs to the machine, not to the release.
 */
function addCopiedLink(collection: Collection, source: string, place: string): void {
  const target = readlinkSync(source);
  const real = existsSync(source) ? realpathSync(source) : undefined;
  const inside = real !== undefined && pathBelow(collection.root, real) !== undefined;
  if (real !== undefined && (inside || real.includes("/node_modules/"))) {
    const leadsTo = placeOf(collection.root, real);
    collection.links.push({ place: leadsTo, real });
    addLink(collection, place, leadsTo);
    return;
  }
  if (real !== undefined || isAbsolute(target)) collection.leaving.push(place);
  claim(collection, place);
  symlinkSync(real ?? target, join(collection.tree, place));
}

/** Registers a place and makes the folders above it. */
function claim(collection: Collection, place: string): void {
  const { places } = collection;
  places.add(place);
  const folder = dirname(place);
  if (folder === "." || places.has(folder)) return;
  for (let above = folder; above !== "." && !places.has(above); above = dirname(above)) places.add(above);
  mkdirSync(join(collection.tree, folder), { recursive: true });
}

/** Hard-links a file of an installed package to the same file of an earlier release; false where there is no such. */
async function shareFile(
  collection: Collection,
  source: string,
  place: string,
  { size, mode }: { size: number; mode: number },
): Promise<boolean> {
  const known = collection.earlier.entries.get(place);
  if (known?.kind !== "file" || !place.includes("node_modules/")) return false;
  if (known.size !== size || known.executable !== ((mode & 0o111) !== 0)) return false;
  const path = join(collection.earlier.tree, place);
  try {
    const info = lstatSync(path);
    // A file touched since then is not trusted to hold what the list says.
    if (info.size !== known.size || info.mtimeMs !== known.modifiedMs) return false;
    if ((await hashFile(source, size)) !== known.sha256) return false;
    linkSync(path, join(collection.tree, place));
    return true;
  } catch (error) {
    if (unlinkable.has(codeOf(error) ?? "")) return false;
    throw error;
  }
}

function isUnwanted(collection: Collection, source: string): boolean {
  const path = pathBelow(collection.root, source) ?? source;
  if (isRuntimeCache(path) || /(^|\/)\.(git|fairlead)(\/|$)/.test(path)) return true;
  return isEnvironmentFile(path) && !/(^|\/)node_modules\//.test(path);
}
