import { randomBytes } from "node:crypto";
import { link, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import {
  codeOf,
  type Context,
  FairleadError,
  formatAge,
  identifyProcess,
  isRunning,
  type ProcessIdentity,
  readText,
  writeAtomically,
} from "../../kernel/index.ts";
import { makeFolder } from "./account.ts";

interface Holder extends ProcessIdentity {
  what: string;
  since: number;
  released?: boolean;
}

export interface LockOptions {
  /** What is done under it, for whoever has to wait: `starting the database of staging`. */
  what: string;
  timeoutMs?: number;
}

const waitTimeoutMs = 5 * 60_000;
const intervalMs = 50;

/**
 * Runs `action` while holding the lock in `directory`; a lock whose holder died is taken over.
 * Errors: `database-busy`, with the holder and since when.
 *
 * Each holder owns one numbered file, made by link(2) with its content inside, one above the newest. The
 * newest is never deleted, only marked as released; so a number is given out once as long as a newer one
 * exists, and who created one from an outdated listing sees the newer one and withdraws. Two can therefore
 * never take over the same dead lock.
 */
export async function withLock<T>(
  context: Context,
  directory: string,
  options: LockOptions,
  action: () => Promise<T>,
): Promise<T> {
  const path = await acquire(context, directory, options);
  try {
    return await action();
  } finally {
    const released: Holder = { ...ourselves(context, options), released: true };
    await writeAtomically(path, JSON.stringify(released), { mode: 0o644 });
  }
}

async function acquire(context: Context, directory: string, options: LockOptions): Promise<string> {
  await mkdir(dirname(directory), { recursive: true, mode: 0o700 });
  await makeFolder(directory, 0o700);
  const deadline = context.clock.now() + (options.timeoutMs ?? waitTimeoutMs);
  for (;;) {
    const attempt = await tryToAcquire(directory, ourselves(context, options));
    if (typeof attempt === "string") return attempt;
    if (context.clock.now() > deadline) throw busy(context, options, attempt);
    await context.clock.sleep(intervalMs, context.signal);
  }
}

/** The path of our file, or who holds the lock (`undefined`: it changed hands just now). */
async function tryToAcquire(directory: string, ours: Holder): Promise<string | Holder | undefined> {
  const numbers = await numbersIn(directory);
  const newest = Math.max(0, ...numbers);
  if (newest > 0) {
    const holder = await readHolder(join(directory, String(newest)));
    if (holder === "missing") return undefined;
    if (holder !== "broken" && holder.released !== true && isRunning(holder)) return holder;
  }

  const path = join(directory, String(newest + 1));
  const temporary = join(directory, `.${randomBytes(6).toString("hex")}`);
  await writeFile(temporary, JSON.stringify(ours), { mode: 0o644 });
  try {
    await link(temporary, path);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return undefined;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }

  const after = await numbersIn(directory);
  if (after.some((number) => number > newest + 1)) {
    await rm(path, { force: true });
    return undefined;
  }
  for (const number of after) {
    if (number <= newest) await rm(join(directory, String(number)), { force: true });
  }
  return path;
}

async function numbersIn(directory: string): Promise<number[]> {
  const names = await readdir(directory);
  return names.filter((name) => /^[1-9]\d*$/.test(name)).map(Number);
}

async function readHolder(path: string): Promise<Holder | "missing" | "broken"> {
  const text = await readText(path);
  if (text === undefined) return "missing";
  try {
    return JSON.parse(text) as Holder;
  } catch {
    // An empty file is what a power failure may leave of a lock: nobody holds that one.
    return "broken";
  }
}

function ourselves(context: Context, options: LockOptions): Holder {
  const identity = identifyProcess(process.pid) ?? { pid: process.pid };
  return { ...identity, what: options.what, since: context.clock.now() };
}

function busy(context: Context, options: LockOptions, holder: Holder | undefined): FairleadError {
  const who =
    holder === undefined
      ? "another process"
      : `process ${String(holder.pid)} (${holder.what}, ${formatAge(context.clock.now() - holder.since)})`;
  return new FairleadError("database-busy", `gave up waiting for ${who} before ${options.what}`, {
    exit: "environment",
    hint: "Wait for it to finish, or end that process.",
  });
}
