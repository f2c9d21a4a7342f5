import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import { type Context, FairleadError } from "../kernel/index.ts";

/** Names of the configuration file, in the order in which they are looked for. */
const configFileNames = [
  "fairlead.config.ts",
  "fairlead.config.mts",
  "fairlead.config.js",
  "fairlead.config.mjs",
] as const;

/** Absolute path of the configuration file in a directory itself, if there is one. */
export async function configFileIn(directory: string): Promise<string | undefined> {
  for (const name of configFileNames) {
    const path = join(directory, name);
    if (await isFile(path)) return path;
  }
  return undefined;
}

/**
 * Absolute path of the configuration: the named file, or the nearest one upwards. Errors: `config-missing`.
 */
export async function findConfigFile(context: Context, file?: string): Promise<string> {
  if (file !== undefined) {
    const path = resolve(context.cwd, file);
    if (await isFile(path)) return path;
    throw configMissing(`there is no file ${path}`, "Check the path given by --config.");
  }
  let directory = resolve(context.cwd);
  for (;;) {
    const found = await configFileIn(directory);
    if (found !== undefined) return found;
    const parent = dirname(directory);
    if (parent === directory) break;
    directory = parent;
  }
  throw configMissing(
    `there is no fairlead.config.ts in ${context.cwd} or above it`,
    "Run `fairlead init` in the application's folder.",
  );
}

function configMissing(message: string, hint: string): FairleadError {
  return new FairleadError("config-missing", message, { hint, exit: "usage" });
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
