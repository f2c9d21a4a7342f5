import { randomBytes } from "node:crypto";
import { chown, constants, copyFile, mkdir, open, readdir, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";

import { cancelled, codeOf, type Context, FairleadError } from "../../kernel/index.ts";
import type { Account } from "./account.ts";

export interface TreeCopyRequest {
  source: string;
  /** Does not exist yet; its parent does. */
  target: string;
  /** Who owns the copy; `undefined` is our own account. */
  owner: Account | undefined;
  /** What to do with a path (from the source): `empty` makes the folder without its contents. */
  treat?: (path: string) => "copy" | "skip" | "empty";
}

const parallelFiles = 4;
const chunkBytes = 1024 * 1024;
const spaceReserveBytes = 64 * 1024 * 1024;
const noClone = new Set(["ENOTSUP", "EOPNOTSUPP", "EXDEV", "EINVAL", "ENOSYS", "ENOTTY", "EPERM"]);

/**
 * Copies a folder whose files may change, grow, shrink and vanish meanwhile; gives the size in bytes. Files
 * are cloned (copy on write) where the file system can. Errors: `disk-full`, `cancelled`.
 */
export async function copyTree(context: Context, request: TreeCopyRequest): Promise<number> {
  const state = { clones: true, bytes: 0 };
  try {
    const files = await makeFolders(request, "");
    const next = files.values();
    const worker = async () => {
      for (const path of next) {
        if (context.signal.aborted) throw cancelled();
        const bytes = await copyEntry(request, path, state);
        state.bytes += bytes;
      }
    };
    await Promise.all(Array.from({ length: parallelFiles }, worker));
    return state.bytes;
  } catch (error) {
    throw asDiskFull(error, request.target);
  }
}

/** Copies one file of a tree; gives its size, 0 when it has vanished. */
export async function copyEntry(
  request: TreeCopyRequest,
  path: string,
  state: { clones: boolean } = { clones: true },
): Promise<number> {
  const target = join(request.target, path);
  try {
    const bytes = await copyContent(join(request.source, path), target, state);
    await give(target, request.owner);
    return bytes;
  } catch (error) {
    if (codeOf(error) === "ENOENT" && (await vanished(join(request.source, path)))) return 0;
    throw error;
  }
}

/**
 * Makes sure that a copy of the folder has room on the target's device, with a reserve for what is written
 * there meanwhile: a Postgres whose device is full stops. A file system that clones needs none. Errors:
 * `disk-full`.
 */
export async function requireSpace(source: string, target: string): Promise<void> {
  if (await canClone(source, target)) return;
  const needed = await treeSize(source);
  const reserve = spaceReserveBytes + needed / 10;
  const { bavail, bsize } = await statfs(target);
  const free = bavail * bsize;
  if (free >= needed + reserve) return;
  const megabytes = (bytes: number) => `${String(Math.ceil(bytes / 1_000_000))} MB`;
  const [wanted, found] = [megabytes(needed + reserve), megabytes(free)];
  throw new FairleadError(
    "disk-full",
    `a copy of ${source} needs ${wanted} on the device of ${target}, which has ${found}`,
    { exit: "environment", hint: "Make room on that device (older copies may go), and try again." },
  );
}

/** The size of a folder's files in bytes; files that vanish meanwhile do not count. */
export async function treeSize(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const found = await stat(join(entry.parentPath, entry.name)).catch(() => undefined);
    bytes += found?.size ?? 0;
  }
  return bytes;
}

/** An error as `disk-full` when that is its cause, else as it is. */
export function asDiskFull(error: unknown, place: string): unknown {
  const code = codeOf(error);
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  return new FairleadError("disk-full", `no space left on the device of ${place}`, {
    cause: error,
    exit: "environment",
    hint: "Make room on that device, and run the same command again; nothing is lost.",
  });
}

async function makeFolders(request: TreeCopyRequest, path: string): Promise<string[]> {
  const target = join(request.target, path);
  await mkdir(target, { mode: 0o700 });
  await give(target, request.owner);
  const files: string[] = [];
  for (const entry of await entriesOf(join(request.source, path))) {
    const inner = join(path, entry.name);
    const treatment = request.treat?.(inner) ?? "copy";
    if (treatment === "skip") continue;
    if (entry.isFile()) files.push(inner);
    if (!entry.isDirectory()) continue;
    if (treatment === "copy") files.push(...(await makeFolders(request, inner)));
    else await makeFolders({ ...request, treat: () => "skip" }, inner);
  }
  return files;
}

async function entriesOf(directory: string) {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    // A database that was dropped meanwhile.
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

// Not copyFile() without the forced clone: libuv sends as many bytes as the file had at first, and never
// comes to an end when Postgres truncates it meanwhile.
async function copyContent(source: string, target: string, state: { clones: boolean }): Promise<number> {
  if (state.clones) {
    try {
      await copyFile(source, target, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
      return (await stat(target)).size;
    } catch (error) {
      if (!noClone.has(codeOf(error) ?? "")) throw error;
      state.clones = false;
    }
  }
  await using from = await open(source, "r");
  await using to = await open(target, "w", 0o600);
  const buffer = Buffer.allocUnsafe(chunkBytes);
  for (let position = 0; ;) {
    const { bytesRead } = await from.read(buffer, 0, chunkBytes, position);
    if (bytesRead === 0) return position;
    await to.writeFile(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
}

async function give(path: string, owner: Account | undefined): Promise<void> {
  if (owner !== undefined) await chown(path, owner.uid, owner.gid);
}

async function canClone(source: string, target: string): Promise<boolean> {
  const probe = join(target, `.clone-${randomBytes(6).toString("hex")}`);
  try {
    await copyFile(join(source, "PG_VERSION"), probe, constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch (error) {
    if (noClone.has(codeOf(error) ?? "")) return false;
    throw asDiskFull(error, target);
  } finally {
    await rm(probe, { force: true });
  }
}

async function vanished(path: string): Promise<boolean> {
  return stat(path).then(
    () => false,
    (error: unknown) => codeOf(error) === "ENOENT",
  );
}
