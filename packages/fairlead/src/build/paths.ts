import { isAbsolute, relative, sep } from "node:path";

/** The path from one folder to another below it with `/`, `""` for itself; `undefined` when it is not below. */
export function pathBelow(folder: string, path: string): string | undefined {
  const below = relative(folder, path);
  if (below === ".." || below.startsWith(`..${sep}`) || isAbsolute(below)) return undefined;
  return below.replaceAll(sep, "/");
}

/** True when `path` is `folder` or below it; both with `/` and from the same root, `""` being the root. */
export function isWithin(path: string, folder: string): boolean {
  return folder === "" || path === folder || path.startsWith(`${folder}/`);
}

/** Joins parts of a path with `/`, leaving out empty ones. */
export function joinPath(...parts: string[]): string {
  return parts.filter((part) => part !== "" && part !== ".").join("/");
}

/** True for an environment file, which never gets into a release: `.env`, `.env.local`, `.envrc`; not `.env.example`. */
export function isEnvironmentFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name.startsWith(".env") && name !== ".env.example";
}

/** Compares paths by code unit, so that an order does not depend on the machine's language. */
export function comparePaths(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
