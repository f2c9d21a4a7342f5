import { readdir, rename } from "node:fs/promises";
import { join } from "node:path";

import {
  codeOf,
  type Context,
  environmentSlug,
  FairleadError,
  readJson,
  writeAtomically,
} from "../../kernel/index.ts";
import type { Branch } from "../port.ts";
import { readCluster } from "./cluster.ts";
import { removeLeftovers, type Site } from "./environment.ts";
import { withLock } from "./lock.ts";
import { stopServer } from "./server.ts";

// A copy may take long, and others have to wait for it.
const branchLockTimeoutMs = 15 * 60_000;

/** The folder of a copy: `branch.json`, `data/` as it was copied, `open/` a cluster made from it. */
export function branchFolder(site: Site, name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/.test(name)) {
    throw new FairleadError("branch-name", `${JSON.stringify(name)} cannot be the name of a copy`, {
      exit: "usage",
      hint: "Use letters, digits, dots, _ and -, at most 80, beginning with a letter or digit.",
    });
  }
  return join(site.branches, name);
}

/** The folder of the cluster that a copy is opened as. */
export function openFolder(site: Site, name: string): string {
  return join(branchFolder(site, name), "open");
}

/** Runs `action` alone among all that make, open, delete and restore copies of the environment. */
export function withBranchLock<T>(
  context: Context,
  site: Site,
  doing: string,
  action: () => Promise<T>,
): Promise<T> {
  const directory = join(site.place.locks, `${environmentSlug(site.environment)}.branches`);
  const what = `${doing} of ${site.environment}`;
  return withLock(context, directory, { what, timeoutMs: branchLockTimeoutMs }, async () => {
    await removeLeftovers(site.branches, [".new-", ".deleted-"]);
    return action();
  });
}

/** Every whole copy of the environment, the oldest first. */
export async function listBranches(site: Site): Promise<Branch[]> {
  const branches: Branch[] = [];
  for (const name of await namesIn(site)) {
    const branch = await readBranch(join(site.branches, name));
    if (branch !== undefined) branches.push(branch);
  }
  return branches.sort((a, b) => a.createdAt.localeCompare(b.createdAt));
}

/** What is recorded of a copy; `undefined` when there is none in that folder. */
export async function readBranch(folder: string): Promise<Branch | undefined> {
  return readJson<Branch>(join(folder, "branch.json"));
}

export async function writeBranch(folder: string, branch: Branch): Promise<void> {
  await writeAtomically(join(folder, "branch.json"), `${JSON.stringify(branch, null, 2)}\n`);
}

/** What is recorded of a copy. Errors: `branch-missing`, which names those that are there. */
export async function requireBranch(site: Site, name: string): Promise<Branch> {
  const branch = await readBranch(branchFolder(site, name));
  if (branch !== undefined) return branch;
  const others = (await listBranches(site)).map((other) => other.name);
  throw new FairleadError("branch-missing", `${site.environment} has no copy named ${name}`, {
    hint: others.length === 0 ? "There are no copies yet." : `There are: ${others.join(", ")}.`,
  });
}

/** Deletes a copy and the server it is opened as; under the lock. */
export async function deleteBranch(context: Context, site: Site, name: string): Promise<void> {
  await closeBranch(context, site, name);
  try {
    await rename(branchFolder(site, name), join(site.branches, `.deleted-${name}`));
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  await removeLeftovers(site.branches, [".deleted-"]);
}

/** Stops the server that a copy is opened as; idempotent. */
export async function closeBranch(context: Context, site: Site, name: string): Promise<void> {
  const folder = openFolder(site, name);
  if ((await readCluster(folder)) !== undefined) await stopServer(context, folder);
}

/** Stops every server that a copy of the environment is opened as. */
export async function closeBranches(context: Context, site: Site): Promise<void> {
  for (const name of await namesIn(site)) await closeBranch(context, site, name);
}

async function namesIn(site: Site): Promise<string[]> {
  try {
    return (await readdir(site.branches)).filter((name) => !name.startsWith("."));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}
