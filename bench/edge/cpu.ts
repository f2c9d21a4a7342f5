import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";

import type { Context } from "../../packages/fairlead/src/kernel/index.ts";

/** Linux tells CPU times in ticks of 1/100 s, whatever the kernel counts in: proc_pid_stat(5), USER_HZ. */
const tickMs = 10;
const quietMs = 300;

interface ProcessTimes {
  parent: number;
  group: number;
  cpuMs: number;
}

/** CPU time that the processes of these groups have taken so far, in ms to 10 ms. */
export function cpuMsOf(groups: readonly number[]): number {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids
    .map((pid) => readTimes(Number(pid)))
    .filter((times) => times !== undefined)
    .filter(({ group }) => groups.includes(group))
    .reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

/** The process that started this one; `undefined` when it is gone. */
export function parentOf(pid: number): number | undefined {
  return readTimes(pid)?.parent;
}

/** The share of the machine's CPUs that something else takes, 0 to 1; call it while nothing of ours works. */
export async function foreignShare(context: Context): Promise<number> {
  const before = readCpus();
  await context.clock.sleep(quietMs, context.signal);
  const after = readCpus();
  const total = after.total - before.total;
  return total === 0 ? 0 : 1 - (after.idle - before.idle) / total;
}

function readCpus(): { total: number; idle: number } {
  const times = cpus().map((cpu) => cpu.times);
  const total = times.reduce(
    (sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq,
    0,
  );
  return { total, idle: times.reduce((sum, { idle }) => sum + idle, 0) };
}

// The command is in parentheses and may hold anything; ppid is field 4, pgrp 5, utime 14, stime 15.
function readTimes(pid: number): ProcessTimes | undefined {
  try {
    const text = readFileSync(`/proc/${String(pid)}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const cpuMs = (Number(fields[11]) + Number(fields[12])) * tickMs;
    return { parent: Number(fields[1]), group: Number(fields[2]), cpuMs };
  } catch {
    return undefined;
  }
}
