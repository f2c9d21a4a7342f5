import type { Context } from "../kernel/index.ts";
import { askGit, runGit } from "./git.ts";

/** What git says about a folder; without a repository, a commit or git itself the fields that need them are absent. */
export interface SourceState {
  git: boolean;
  /** Full commit. */
  sha?: string;
  branch?: string;
  /** HEAD is a commit, not a branch. */
  detached: boolean;
  dirty: boolean;
  /** The first 20 files that differ from the commit or are not in it, from the folder. */
  changedFiles: string[];
  /** Why git did not answer although it is there: a repository of another owner, a broken index. */
  problem?: string;
}

export interface Commits {
  total: number;
  /** The newest first, at most 50. */
  newest: { sha: string; subject: string }[];
}

const maximumFiles = 20;
const maximumCommits = 50;

/**
 * Asks git about the folder, or only about those of its files that are `relevant` (paths from the folder).
 * Works in any state of a repository, and without one.
 */
export async function sourceState(
  context: Context,
  folder: string,
  relevant?: (path: string) => boolean,
): Promise<SourceState> {
  const none: SourceState = { git: false, detached: false, dirty: false, changedFiles: [] };
  const inside = await runGit(context, folder, ["rev-parse", "--is-inside-work-tree"]);
  if (inside?.code !== 0 || inside.stdout.trim() !== "true") {
    const reason = inside?.stderr.trim().split("\n")[0] ?? "";
    const expected = inside === undefined || reason.includes("not a git repository") || reason === "";
    return expected ? none : { ...none, problem: reason };
  }
  const sha = await askGit(context, folder, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]);
  const branch = await askGit(context, folder, ["symbolic-ref", "--quiet", "--short", "HEAD"]);
  const changedFiles = await listChanges(context, folder, relevant);
  return {
    git: true,
    ...(sha === undefined ? {} : { sha }),
    ...(branch === undefined ? {} : { branch }),
    detached: branch === undefined,
    dirty: changedFiles.length > 0,
    changedFiles: changedFiles.slice(0, maximumFiles),
  };
}

/**
 * The commits that `to` has and `from` has not; `undefined` where that cannot be known: no git, a commit that is not in this
 * clone, or histories that do not meet in a shallow one.
 */
export async function commitsBetween(
  context: Context,
  folder: string,
  from: string,
  to: string,
): Promise<Commits | undefined> {
  if (!/^[\da-f]{7,64}$/.test(from) || !/^[\da-f]{7,64}$/.test(to)) return undefined;
  const meeting = await askGit(context, folder, ["merge-base", from, to]);
  if (meeting === undefined) return undefined;
  const range = `${from}..${to}`;
  const total = await askGit(context, folder, ["rev-list", "--count", range]);
  const log = await askGit(context, folder, [
    "log",
    "-z",
    "--format=%H %s",
    "-n",
    String(maximumCommits),
    range,
  ]);
  if (total === undefined || log === undefined) return undefined;
  const lines = log.split("\0").filter((line) => line !== "");
  const newest = lines.map((line) => {
    const space = line.indexOf(" ");
    return { sha: line.slice(0, space), subject: line.slice(space + 1).trim() };
  });
  return { total: Number(total), newest };
}

// Porcelain v1 with -z: two letters, a space, the path from the top of the repository; after a rename its old path follows
// as an entry of its own.
async function listChanges(
  context: Context,
  folder: string,
  relevant: (path: string) => boolean = () => true,
): Promise<string[]> {
  const untracked = "--untracked-files=all";
  const status = await askGit(context, folder, ["status", "--porcelain", "-z", untracked, "--", "."]);
  const prefix = (await askGit(context, folder, ["rev-parse", "--show-prefix"])) ?? "";
  const entries = (status ?? "").split("\0");
  const files: string[] = [];
  for (let index = 0; index < entries.length; index += 1) {
    const entry = entries[index] ?? "";
    if (entry === "") continue;
    if (/^[RC]/.test(entry)) index += 1;
    const path = entry.slice(3);
    files.push(path.startsWith(prefix) ? path.slice(prefix.length) : path);
  }
  return files.filter((path) => !/(^|\/)\.fairlead(\/|$)/.test(path) && relevant(path));
}
