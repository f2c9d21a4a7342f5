import { createHash } from "node:crypto";
import { basename, dirname, posix } from "node:path";

import { isWithin, joinPath, pathBelow } from "./paths.ts";

/** Where installed packages go that lie outside the repository: linked ones, a store shared between projects. */
const externalFolder = "node_modules/.external";

/**
 * The path in a release's tree of a real path on this machine. What lies below the root keeps its place; what lies elsewhere
 * goes below `node_modules/.external/<digest of the folder that holds its node_modules>`, so that neighbours stay neighbours
 * and Node.js goes on finding them. `root` is a real path.
 */
export function placeOf(root: string, real: string): string {
  const below = pathBelow(root, real);
  if (below !== undefined) return below;
  const at = `${real}/`.indexOf("/node_modules/");
  const base = at === -1 ? real : real.slice(0, at);
  const rest = at === -1 ? "" : real.slice(at + 1);
  const digest = createHash("sha256").update(base).digest("hex").slice(0, 10);
  return joinPath(externalFolder, digest, rest);
}

/** The path in the tree at which a package must be found by another: where it was found, or else within the other itself. */
export function linkPlace(root: string, from: string, holder: string, name: string): string {
  const user = placeOf(root, from);
  const place = placeOf(root, holder);
  return joinPath(isReachable(user, place) ? place : user, "node_modules", name);
}

/** The target of a relative link at one path of the tree to another. */
export function linkTarget(linkPath: string, targetPath: string): string {
  return posix.relative(`/${dirname(linkPath)}`, `/${targetPath}`) || ".";
}

// Node.js looks into node_modules of each folder on the way up.
function isReachable(from: string, holder: string): boolean {
  return isWithin(from, holder) && basename(holder) !== "node_modules";
}
