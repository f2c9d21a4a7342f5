import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

import { FairleadError } from "../packages/fairlead/src/kernel/index.ts";

// Debian has servers in sbin, which is not on every user's PATH.
const furtherDirectories = ["/usr/sbin", "/usr/local/sbin"];

/** Paths of the programs, which are named as their Debian packages are. Errors: `tool-missing`, with all that are missing. */
export function findPrograms<Name extends string>(names: readonly Name[]): Record<Name, string> {
  const found = names.map((name) => [name, findProgram(name)] as const);
  const missing = found.filter(([, path]) => path === undefined).map(([name]) => name);
  if (missing.length > 0) {
    throw new FairleadError("tool-missing", `this benchmark needs ${missing.join(", ")}: not found`, {
      exit: "environment",
      hint: `Run bench/install.sh, or: apt-get install -y --no-install-recommends ${missing.join(" ")}`,
    });
  }
  return Object.fromEntries(found) as Record<Name, string>;
}

function findProgram(name: string): string | undefined {
  const directories = [...(process.env["PATH"] ?? "").split(delimiter), ...furtherDirectories];
  return directories.map((directory) => join(directory, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
