import { posix } from "node:path";

import { importsOf, type Source } from "./sources.ts";

/** Folders of packages/fairlead/src, each of which imports only those before it (docs/ARCHITECTURE.md). */
const folderOrder = (
  "kernel stack databases platforms channels forges config state secrets generate tasks scan wire migrate data probe " +
  "build backup rehearse deploy previews monitor load versions recovery simulate server cli"
).split(" ");

const base = "packages/fairlead/src/";

/** Imports in packages/fairlead that go to a later folder, past an index, to the own index, or out of the package. */
export function findMisplacedImports(sources: readonly Source[]): string[] {
  return sources
    .filter((source) => source.path.startsWith(base))
    .flatMap((source) => {
      const folder = folderOf(source.path);
      if (folder !== undefined && !folderOrder.includes(folder))
        return [`${source.path}: unknown folder ${folder}`];
      return importsOf(source)
        .filter(({ specifier }) => specifier.startsWith("."))
        .map(({ specifier, place }) => {
          const fault = faultOf(source.path, posix.join(posix.dirname(source.path), specifier));
          return fault === undefined ? undefined : `${place}: ${specifier} ${fault}`;
        })
        .filter((problem) => problem !== undefined);
    });
}

function faultOf(from: string, to: string): string | undefined {
  if (!to.startsWith(base)) {
    const isTest = from.endsWith(".test.ts") && to.startsWith("packages/fairlead/test/");
    return isTest ? undefined : "lies outside of src/";
  }
  const [own, other] = [folderOf(from), folderOf(to)];
  // The package's index picks single files, so that its declarations hold what is public and no more.
  if (own === undefined) return undefined;
  const isIndex = other !== undefined && to === `${base}${other}/index.ts`;
  // A test may look at its folder from outside.
  if (own === other) return isIndex && !from.endsWith(".test.ts") ? "is the folder's own index" : undefined;
  if (other === undefined) return "is the package's index";
  if (folderOrder.indexOf(other) > folderOrder.indexOf(own)) return "is in a later folder";
  return isIndex ? undefined : `goes past ${other}/index.ts`;
}

// A file directly in src/ belongs to no folder.
function folderOf(path: string): string | undefined {
  const parts = path.slice(base.length).split("/");
  return parts.length > 1 ? parts[0] : undefined;
}

/** Rings of files that import each other, each as `a → b → a`. */
export function findCircularImports(sources: readonly Source[]): string[] {
  const known = new Set(sources.map((source) => source.path));
  const graph = new Map(
    sources.map((source) => [
      source.path,
      importsOf(source)
        .map(({ specifier }) => posix.join(posix.dirname(source.path), specifier))
        .filter((path) => known.has(path)),
    ]),
  );
  const finished = new Set<string>();
  const rings: string[] = [];
  const visit = (path: string, trail: string[]) => {
    if (trail.includes(path)) rings.push([...trail.slice(trail.indexOf(path)), path].join(" → "));
    if (finished.has(path) || trail.includes(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    finished.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return rings;
}
