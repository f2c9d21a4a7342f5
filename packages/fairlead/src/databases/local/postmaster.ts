import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { readFile, realpath, rm } from "node:fs/promises";
import { join } from "node:path";

import {
  codeOf,
  type Context,
  identifyProcess,
  isRunning,
  type ProcessIdentity,
  signalProcess,
  waitFor,
} from "../../kernel/index.ts";

/** A server process that works on a certain data directory. */
export interface Postmaster {
  identity: ProcessIdentity;
  port: number;
}

const orphanPatienceMs = 1500;
const orphanQuitMs = 5000;

/** The server that runs on the data directory; a pid file whose process is another one counts as none. */
export async function findPostmaster(context: Context, data: string): Promise<Postmaster | undefined> {
  const file = await readPidFile(data);
  if (file?.pid === undefined) return undefined;
  const identity = identifyProcess(file.pid);
  if (identity === undefined || !(await worksOn(context, file.pid, data))) return undefined;
  return { identity, port: file.port };
}

/**
 * Clears what a killed server left behind, so that a new one can start: waits for its orphaned backends (they
 * hold the shared memory), ends them when they do not go, and removes a pid file that would mislead Postgres:
 * an empty one, or one whose pid is another process now. Gives the server that turns out to be just starting,
 * if there is one. Only to be called under the cluster's lock.
 */
export async function clearRemains(context: Context, data: string): Promise<Postmaster | undefined> {
  const starting = await endOrphans(context, data);
  if (starting !== undefined) return starting;
  const file = await readPidFile(data);
  if (file === undefined || (file.pid !== undefined && identifyProcess(file.pid) === undefined)) {
    return undefined;
  }
  const running = await findPostmaster(context, data);
  if (running === undefined) await rm(join(data, "postmaster.pid"), { force: true });
  return running;
}

async function endOrphans(context: Context, data: string): Promise<Postmaster | undefined> {
  const escalation: { signal?: NodeJS.Signals; timeoutMs: number }[] = [
    { timeoutMs: orphanPatienceMs },
    { signal: "SIGQUIT", timeoutMs: orphanQuitMs },
    // Without a server that coordinates them, nothing but recovery follows anyway.
    { signal: "SIGKILL", timeoutMs: orphanQuitMs },
  ];
  for (const { signal, timeoutMs } of escalation) {
    // A server works on its directory some time before it writes its pid file.
    const starting = await findPostmaster(context, data);
    const orphans = await findBackends(data);
    if (starting !== undefined || orphans.length === 0) return starting;
    if (signal !== undefined) for (const orphan of orphans) signalProcess(orphan, signal);
    const settled = async () => {
      if (!orphans.some(isRunning)) return true;
      return (await findPostmaster(context, data)) === undefined ? undefined : true;
    };
    await waitFor(context.clock, settled, { timeoutMs, intervalMs: 20, signal: context.signal });
  }
  return findPostmaster(context, data);
}

/**
 * Every Postgres process that works on the data directory (Linux; elsewhere the start itself has to find
 * out).
 */
async function findBackends(data: string): Promise<ProcessIdentity[]> {
  if (process.platform !== "linux") return [];
  const directory = await realpath(data);
  const found: ProcessIdentity[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const pid = Number(name);
    if (!runsPostgresIn(pid, directory)) continue;
    const identity = identifyProcess(pid);
    if (identity !== undefined) found.push(identity);
  }
  return found;
}

async function worksOn(context: Context, pid: number, data: string): Promise<boolean> {
  const directory = await realpath(data);
  if (process.platform === "linux") return runsPostgresIn(pid, directory);
  const { stdout } = await context.exec(["ps", "-ww", "-o", "command=", "-p", String(pid)], { cwd: "/" });
  return stdout.includes("postgres") && (stdout.includes(data) || stdout.includes(directory));
}

// Every process of a server has its data directory as the working directory.
function runsPostgresIn(pid: number, directory: string): boolean {
  try {
    if (readlinkSync(`/proc/${String(pid)}/cwd`) !== directory) return false;
    return /^(postgres|postmaster)/.test(readFileSync(`/proc/${String(pid)}/comm`, "utf8"));
  } catch {
    return false;
  }
}

interface PidFile {
  /** `undefined` in a file that was cut off (disk full, power failure). */
  pid: number | undefined;
  port: number;
}

// Lines of postmaster.pid: pid, data directory, start time, port, … (PostgreSQL documentation,
// "postmaster.pid").
async function readPidFile(data: string): Promise<PidFile | undefined> {
  let text: string;
  try {
    text = await readFile(join(data, "postmaster.pid"), "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  return { pid: Number.isSafeInteger(pid) && pid > 0 ? pid : undefined, port: Number(lines[3] ?? 0) };
}
