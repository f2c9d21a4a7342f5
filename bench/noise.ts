import { cpus } from "node:os";

import type { Context } from "../packages/fairlead/src/kernel/index.ts";
import { median } from "./statistics.ts";

const quietMs = 300;
/** From this share on the figures say little; a machine that does nothing else is well below it. */
const busyShare = 0.1;

/** The share of the machine's CPUs that something else takes, 0 to 1; call it while nothing of ours works. */
export async function foreignShare(context: Context): Promise<number> {
  const before = readCpus();
  await context.clock.sleep(quietMs, context.signal);
  const after = readCpus();
  const total = after.total - before.total;
  return total === 0 ? 0 : 1 - (after.idle - before.idle) / total;
}

/** How much of the machine other work took, and what that means for the figures. */
export function describeNoise(shares: readonly number[]): string {
  const share = median(shares);
  const percent = `Other work took ${(share * 100).toFixed(0)} % of the CPUs (median over the run)`;
  return share < busyShare
    ? `${percent}.`
    : `${percent}: **too busy a machine, take these figures as a trial.**`;
}

function readCpus(): { total: number; idle: number } {
  const times = cpus().map((cpu) => cpu.times);
  const total = times.reduce(
    (sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq,
    0,
  );
  return { total, idle: times.reduce((sum, { idle }) => sum + idle, 0) };
}
