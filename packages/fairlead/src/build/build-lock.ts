import { randomBytes } from "node:crypto";
import { link, mkdir, rename, rm, writeFile } from "node:fs/promises";
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
} from "../kernel/index.ts";
import { releasesDirectory } from "./release.ts";

interface Holder extends ProcessIdentity {
  /** Milliseconds since the epoch. */
  since: number;
}

export interface LockOptions {
  /** How long a running build is waited for. */
  waitMs: number;
  /** Called once when there is one to wait for. */
  onWait: (text: string) => void;
}

const pauseMs = 200;

/**
 * Runs `work` while no other process builds releases of this project. A holder that has died is recognised by its pid and
 * start time, and its lock taken over. Errors: `build-locked` when the other build does not end in time.
 */
export async function withBuildLock<T>(
  context: Context,
  root: string,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const path = join(releasesDirectory(root), ".lock");
  const deadline = context.clock.now() + options.waitMs;
  let told = false;
  for (;;) {
    const holder = await takeLock(path, context.clock.now());
    if (holder === undefined) break;
    const since = formatAge(context.clock.now() - holder.since);
    const who = `another build of this project (pid ${String(holder.pid)}, begun ${since})`;
    if (context.clock.now() >= deadline) {
      throw new FairleadError("build-locked", `${who} is still running`, {
        hint: "Wait until it has ended, or end that process; its lock ends with it.",
      });
    }
    if (!told) options.onWait(`waiting for ${who}\n`);
    told = true;
    await context.clock.sleep(pauseMs, context.signal);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** Takes the lock and gives `undefined`, or gives who holds it. */
async function takeLock(path: string, now: number): Promise<Holder | undefined> {
  await mkdir(dirname(path), { recursive: true });
  const unique = `${path}.${randomBytes(6).toString("hex")}`;
  const self: Holder = { ...(identifyProcess(process.pid) ?? { pid: process.pid }), since: now };
  await writeFile(unique, JSON.stringify(self));
  try {
    // A link is made whole or not at all, so that nobody reads a lock without its holder.
    await link(unique, path);
    return undefined;
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  } finally {
    await rm(unique, { force: true });
  }
  const holder = await readHolder(path);
  if (holder !== undefined && isRunning(holder)) return holder;
  await removeStale(path, unique, holder);
  return takeLock(path, now);
}

// Between reading a dead holder's lock and removing it another process may have taken it over: then it is put back.
async function removeStale(path: string, aside: string, dead: Holder | undefined): Promise<void> {
  try {
    await rename(path, aside);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  const moved = await readHolder(aside);
  const mine = moved?.pid === dead?.pid && moved?.startedTicks === dead?.startedTicks;
  if (!mine) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse((await readText(path)) ?? "") as Holder;
  } catch {
    return undefined;
  }
}
