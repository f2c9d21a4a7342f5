import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { FairleadError } from "../kernel/index.ts";

/** The `node_modules/<package>` folder that a directory sees, as Node.js looks it up. */
export function findPackage(directory: string, packageName: string): string | undefined {
  let current = resolve(directory);
  for (;;) {
    const candidate = join(current, "node_modules", packageName);
    if (readManifest(candidate) !== undefined) return candidate;
    const parent = dirname(current);
    if (parent === current) return undefined;
    current = parent;
  }
}

/**
 * The argv that starts a package's binary as the application would, with the Node.js that runs us.
 * Errors: `migration-tool-missing`.
 */
export function resolveProgram(directory: string, packageName: string, binary?: string): string[] {
  const folder = findPackage(directory, packageName);
  const path = folder === undefined ? undefined : binaryPath(folder, packageName, binary);
  if (path !== undefined) return [process.execPath, path];
  throw new FairleadError("migration-tool-missing", `${packageName} is not installed in ${directory}`, {
    exit: "environment",
    hint: `Install the application's dependencies (npm install), or add ${packageName} to them.`,
  });
}

function binaryPath(folder: string, packageName: string, binary: string | undefined): string | undefined {
  const bin = readManifest(folder)?.bin;
  if (typeof bin === "string") return join(folder, bin);
  const name = binary ?? packageName.replace(/^@[^/]+\//, "");
  const path = bin?.[name];
  return path === undefined ? undefined : join(folder, path);
}

function readManifest(folder: string): { bin?: string | Record<string, string> } | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
      bin?: string | Record<string, string>;
    };
  } catch {
    return undefined;
  }
}
