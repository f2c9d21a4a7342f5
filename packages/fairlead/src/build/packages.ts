import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { codeOf, FairleadError, readText } from "../kernel/index.ts";
import { pathBelow } from "./paths.ts";

/** What we read of a package.json. */
export interface PackageManifest {
  name?: string;
  version?: string;
  main?: string;
  module?: string;
  types?: string;
  bin?: string | Record<string, string>;
  exports?: unknown;
  files?: string[];
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

/** Where Node.js finds a package from a folder. */
export interface Resolution {
  /** The folder whose `node_modules` it was found in. */
  holder: string;
  /** The package's real folder, behind every link. */
  real: string;
}

/** The package.json of a folder, `undefined` when there is none. Errors: `manifest-broken`. */
export async function readManifest(folder: string): Promise<PackageManifest | undefined> {
  const path = join(folder, "package.json");
  const text = await readText(path);
  if (text === undefined) return undefined;
  try {
    // Some editors write a byte order mark, which npm accepts and JSON does not.
    return JSON.parse(text.replace(/^\uFEFF/, "")) as PackageManifest;
  } catch (cause) {
    throw new FairleadError("manifest-broken", `${path} is not valid JSON`, { cause, exit: "usage" });
  }
}

/**
 * Finds a package as Node.js does: in `node_modules` of the folder and of every folder above it
 * (nodejs.org/api/modules.html, "Loading from node_modules folders"). `from` is a real path.
 */
export async function findPackage(name: string, from: string): Promise<Resolution | undefined> {
  for (let holder = from; ; holder = dirname(holder)) {
    if (basename(holder) !== "node_modules") {
      const real = await realFolder(join(holder, "node_modules", name));
      if (real !== undefined) return { holder, real };
    }
    if (dirname(holder) === holder) return undefined;
  }
}

/** True when a real folder is one of the repository's own packages, not an installed one. */
export function isOwnPackage(root: string, real: string): boolean {
  const below = pathBelow(root, real);
  return below !== undefined && !below.split("/").includes("node_modules");
}

/** The packages of this repository that a package uses in any way, to build or to run; real folders, itself not among them. */
export async function findOwnPackages(root: string, application: string): Promise<string[]> {
  const seen = new Set([application]);
  for (const folder of seen) {
    const manifest = await readManifest(folder);
    const names = Object.keys({
      ...manifest?.dependencies,
      ...manifest?.devDependencies,
      ...manifest?.optionalDependencies,
      ...manifest?.peerDependencies,
    });
    for (const name of names) {
      const found = await findPackage(name, folder);
      if (found !== undefined && isOwnPackage(root, found.real)) seen.add(found.real);
    }
  }
  seen.delete(application);
  return [...seen];
}

/** The files and folders that a package's own fields name as its parts, from its folder: `dist/index.js`, `dist`, `bin/x.js`. */
export function namedParts(manifest: PackageManifest): string[] {
  const parts = new Set<string>();
  const add = (value: unknown) => {
    if (typeof value === "string") parts.add(value.replace(/^\.\//, "").replace(/\/?\*.*$/, ""));
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(add);
  };
  add([manifest.main, manifest.module, manifest.types, manifest.bin, manifest.exports, manifest.files]);
  return [...parts].filter(
    (part) => part !== "" && part !== "." && !part.startsWith("..") && !part.startsWith("!"),
  );
}

async function realFolder(path: string): Promise<string | undefined> {
  try {
    return (await stat(path)).isDirectory() ? await realpath(path) : undefined;
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP") return undefined;
    throw error;
  }
}
