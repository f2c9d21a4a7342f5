import { chown, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

import { codeOf, type Context, FairleadError } from "../../kernel/index.ts";

/** The operating system's account that a server runs as. */
export interface Account {
  uid: number;
  gid: number;
}

/** True when this process may act as any account. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * The account for new databases in a folder: `undefined` is our own. Postgres refuses to run as root, so root
 * gives it to the owner of the folder (who may go on without root), else to `postgres`, else to `nobody`.
 */
export async function chooseAccount(context: Context, folder?: string): Promise<Account | undefined> {
  if (!isRoot()) return undefined;
  const owner = folder === undefined ? undefined : await ownerOf(folder);
  // Postgres refuses an id without a name, which is what a container sees of the host's users.
  if (owner !== undefined && (await idOf(context, "-u", String(owner.uid))) !== undefined) return owner;
  for (const name of ["postgres", "_postgres", "nobody"]) {
    const uid = await idOf(context, "-u", name);
    const gid = await idOf(context, "-g", name);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new FairleadError(
    "database-account",
    "Postgres does not run as root, and there is no account for it",
    {
      exit: "environment",
      hint: "Create the account `postgres`, or run fairlead as an ordinary user.",
    },
  );
}

/** The account that owns a data directory, where root has to take it on; `undefined` is our own. */
export async function ownerOf(path: string): Promise<Account | undefined> {
  if (!isRoot()) return undefined;
  const { uid, gid } = await stat(path);
  return uid === 0 ? undefined : { uid, gid };
}

/** Makes a folder unless it is there; root leaves it to the owner of the folder around it. */
export async function makeFolder(folder: string, mode: number): Promise<void> {
  try {
    await mkdir(folder, { mode });
  } catch (error) {
    if (codeOf(error) === "EEXIST") return;
    throw error;
  }
  await giveToOwnerOf(dirname(folder), folder);
}

/** Root gives a file or folder to the owner of another. */
export async function giveToOwnerOf(example: string, path: string): Promise<void> {
  if (!isRoot()) return;
  const { gid, uid } = await stat(example);
  await chown(path, uid, gid);
}

/** True when the account can go through every folder of the path; asks the kernel, so that ACLs count. */
export async function canReach(
  context: Context,
  account: Account | undefined,
  path: string,
): Promise<boolean> {
  const { code } = await context.exec(["test", "-x", path], { ...account, cwd: "/", timeoutMs: 10_000 });
  return code === 0;
}

async function idOf(context: Context, kind: "-u" | "-g", name: string): Promise<number | undefined> {
  const { code, stdout } = await context.exec(["id", kind, name], { cwd: "/", timeoutMs: 10_000 });
  const id = Number(stdout.trim());
  return code === 0 && Number.isSafeInteger(id) && id > 0 ? id : undefined;
}
