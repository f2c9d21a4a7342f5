import { readFileSync } from "node:fs";

import { type Clock, waitFor } from "./clock.ts";
import { codeOf } from "./errors.ts";

/** Names one process for good: a pid alone may be reused, together with its start time it is not. */
export interface ProcessIdentity {
  pid: number;
  /** Kernel start time in clock ticks (Linux); `undefined` where it cannot be read. */
  startedTicks?: string | undefined;
}

/** The identity of a running process; `undefined` when there is none of that pid. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return undefined;
  }
  const stat = readStat(pid);
  if (stat?.state === "Z") return undefined;
  return { pid, startedTicks: stat?.startedTicks };
}

/** True while exactly that process runs (a zombie does not). */
export function isRunning(identity: ProcessIdentity): boolean {
  const current = identifyProcess(identity.pid);
  if (current === undefined) return false;
  return identity.startedTicks === undefined || current.startedTicks === identity.startedTicks;
}

/** Sends a signal to exactly that process; false when it is gone. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isRunning(identity)) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Waits until the process is gone; false when the time is up first. */
export async function waitForExit(
  clock: Clock,
  identity: ProcessIdentity,
  timeoutMs: number,
): Promise<boolean> {
  const gone = await waitFor(clock, () => Promise.resolve(isRunning(identity) ? undefined : true), {
    timeoutMs,
    intervalMs: 20,
  });
  return gone ?? false;
}

// /proc/<pid>/stat, proc_pid_stat(5): the command is in parentheses and may hold anything; state is field 3, starttime field 22.
function readStat(pid: number): { state: string; startedTicks: string } | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const text = readFileSync(`/proc/${String(pid)}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "", startedTicks: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}
