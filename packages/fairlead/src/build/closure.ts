import { findPackage, isOwnPackage, type PackageManifest, readManifest } from "./packages.ts";
import { linkPlace, placeOf } from "./placement.ts";

/** A package of the closure. */
export interface Member {
  name: string;
  version: string;
  /** Its real folder. */
  real: string;
  /** Its path in the release's tree. */
  place: string;
  /** One of the repository's own: its files are sources. */
  own: boolean;
  manifest: PackageManifest;
}

/** The packages that some packages need to run, and how they find each other. */
export interface Closure {
  members: Member[];
  /** Paths in the tree that must be links, with the path each leads to. */
  links: Map<string, string>;
  /** Needed, but not installed: `name (by package)`. */
  missing: string[];
}

/** Whose dependencies are followed: those in its manifest, or only the named ones. */
export interface ClosureStart {
  /** A real path. */
  folder: string;
  /** What it needs; all that its manifest says for running it, when absent. */
  needs?: Need[];
}

export interface Need {
  name: string;
  optional: boolean;
}

/**
 * Follows dependencies, optional dependencies and required peers from package to package as Node.js resolves them, so that
 * any package manager's layout will do (hoisted, nested, linked into a store). Optional peers are not followed, as they
 * would draw in tools that merely happen to be installed; where something else needs them they are linked.
 * The starting packages are not members themselves unless another member needs them. `root` is a real path.
 */
export async function closeDependencies(root: string, starts: readonly ClosureStart[]): Promise<Closure> {
  const members = new Map<string, Member>();
  const links = new Map<string, string>();
  const missing = new Set<string>();
  const optionalPeers: { folder: string; name: string }[] = [];
  const queue = await Promise.all(
    starts.map(async ({ folder, needs }) => {
      const manifest = await readManifest(folder);
      return { folder, label: manifest?.name ?? folder, needs: needs ?? needsOf(manifest) };
    }),
  );
  const connect = (folder: string, name: string, found: { holder: string; real: string }) => {
    const at = linkPlace(root, folder, found.holder, name);
    const place = placeOf(root, found.real);
    if (at !== place) links.set(at, place);
  };

  for (const { folder, label, needs } of queue) {
    for (const { name, optional } of needs) {
      const found = await findPackage(name, folder);
      if (found === undefined) {
        if (!optional) missing.add(`${name} (by ${label})`);
        continue;
      }
      connect(folder, name, found);
      if (members.has(found.real)) continue;
      const manifest = (await readManifest(found.real)) ?? {};
      const member = memberOf(root, name, found.real, manifest);
      members.set(found.real, member);
      queue.push({ folder: found.real, label: member.name, needs: needsOf(manifest) });
      optionalPeers.push(...optionalPeersOf(manifest).map((peer) => ({ folder: found.real, name: peer })));
    }
  }
  for (const { folder, name } of optionalPeers) {
    const found = await findPackage(name, folder);
    if (found !== undefined && members.has(found.real)) connect(folder, name, found);
  }
  return { members: [...members.values()], links, missing: [...missing].sort() };
}

/** What a package needs to run, by its manifest. */
export function needsOf(manifest: PackageManifest | undefined): Need[] {
  const optional = new Set(Object.keys(manifest?.optionalDependencies ?? {}));
  const optionalPeer = new Set(manifest === undefined ? [] : optionalPeersOf(manifest));
  const names = new Map<string, boolean>();
  for (const name of Object.keys(manifest?.dependencies ?? {})) names.set(name, optional.has(name));
  for (const name of optional) names.set(name, true);
  // A required peer may be missing all the same: not every package manager installs them.
  for (const name of Object.keys(manifest?.peerDependencies ?? {})) {
    if (!optionalPeer.has(name) && !names.has(name)) names.set(name, true);
  }
  return [...names].map(([name, isOptional]) => ({ name, optional: isOptional }));
}

function optionalPeersOf(manifest: PackageManifest): string[] {
  const meta = manifest.peerDependenciesMeta ?? {};
  return Object.keys(meta).filter((name) => meta[name]?.optional === true);
}

function memberOf(root: string, name: string, real: string, manifest: PackageManifest): Member {
  return {
    name: manifest.name ?? name,
    version: manifest.version ?? "",
    real,
    place: placeOf(root, real),
    own: isOwnPackage(root, real),
    manifest,
  };
}
