import { resolve } from "node:path";

import { type Context, type Problem, writeAtomically } from "../kernel/index.ts";
import { applicationPath, detectStack, type Stack } from "../stack/index.ts";
import { configFileIn } from "./find.ts";
import { renderConfig } from "./render.ts";

export interface Initialisation {
  /** Absolute paths of the files that were written. */
  written: string[];
  /** Absolute paths of the files that were there already. */
  unchanged: string[];
  /** What could not be found out, each with what to do. */
  unknown: Problem[];
  stack: Stack;
}

/**
 * Detects the application of a folder and writes `fairlead.config.ts` there, unless there is one; touches
 * nothing else.
 * Errors: `directory-missing`.
 */
export async function initialise(context: Context, directory: string): Promise<Initialisation> {
  const folder = resolve(context.cwd, directory);
  const stack = await detectStack(context, folder);
  const existing = await configFileIn(folder);
  if (existing !== undefined) return { written: [], unchanged: [existing], unknown: stack.unknown, stack };
  const file = resolve(folder, "fairlead.config.ts");
  await writeAtomically(file, renderConfig(stack, applicationPath(stack, folder)));
  return { written: [file], unchanged: [], unknown: stack.unknown, stack };
}
