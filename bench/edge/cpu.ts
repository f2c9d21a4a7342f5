import { readdirSync, readFileSync } from "node:fs";

/** Linux tells CPU times in ticks of 1/100 s, whatever the kernel counts in: proc_pid_stat(5), USER_HZ. */
const tickMs = 10;

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
