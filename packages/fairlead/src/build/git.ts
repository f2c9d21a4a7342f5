import { codeOf, type Context, type ExecResult, FairleadError } from "../kernel/index.ts";

// A hook of git sets these for its children, where they would point at another index or repository than the folder's own.
const cleared = {
  GIT_DIR: undefined,
  GIT_WORK_TREE: undefined,
  GIT_INDEX_FILE: undefined,
  GIT_PREFIX: undefined,
};
const timeoutMs = 60_000;
/** A list of paths is of no use with its beginning cut off. */
const keepOutput = 256_000_000;

/** Runs git in a folder without taking locks; `undefined` when there is no such program. */
export async function runGit(
  context: Context,
  folder: string,
  args: readonly string[],
): Promise<ExecResult | undefined> {
  const env = { ...cleared, GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C" };
  try {
    return await context.exec(["git", ...args], { cwd: folder, env, timeoutMs, keepOutput });
  } catch (error) {
    if (error instanceof FairleadError && codeOf(error) === "tool-missing") return undefined;
    throw error;
  }
}

/** The output of git without its line end; `undefined` when git is missing or says no. */
export async function askGit(
  context: Context,
  folder: string,
  args: readonly string[],
): Promise<string | undefined> {
  const result = await runGit(context, folder, args);
  return result?.code === 0 ? result.stdout.trimEnd() : undefined;
}
