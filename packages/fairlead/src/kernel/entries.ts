import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const layout = import.meta.url.endsWith(".ts") ? "src" : "dist";

/** Folder of the fairlead package itself: holds package.json, bin/ and src/ (the repository) or dist/ (published). */
function packageDirectory(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, "package.json"))) {
    const parent = dirname(directory);
    if (parent === directory) throw new Error("fairlead's own package.json is missing");
    directory = parent;
  }
  return directory;
}

/** Version of the fairlead package. */
export function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageDirectory(), "package.json"), "utf8"));
  return (manifest as { version: string }).version;
}

/**
 * File that a process of ours starts with, given its path below src/ without ending (`platforms/local/agent`).
 * Sources and build have the same folders; every such entry is listed in build.mjs.
 */
export function entryPath(entry: string): string {
  return join(packageDirectory(), layout, `${entry}.${layout === "src" ? "ts" : "js"}`);
}
