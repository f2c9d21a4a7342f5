import { join } from "node:path";

import type { Context } from "../../packages/fairlead/src/kernel/index.ts";
import { foreignShare } from "../noise.ts";
import { orderOfRound } from "../statistics.ts";
import type { Contender } from "./contenders.ts";
import { cpuMsOf } from "./cpu.ts";
import { type Load, load } from "./wrk.ts";

/** What one contender did in one round. */
export interface Sample {
  round: number;
  contender: string;
  /** The share of the machine that other work took right before. */
  foreignShare: number;
  /** CPU time of the application and all that stands in front of it, at full load. */
  cpuUsPerRequest: number;
  /** As fast as it goes. */
  full: Load;
  /** At a rate that all of them can do. */
  paced: Load;
}

export interface RoundOptions {
  wrk: string;
  directory: string;
  rounds: number;
  seconds: number;
  processes: number;
}

const warmUpSeconds = 2;

/**
 * Measures every contender once a round, in an order that changes. Only the one that is measured runs, started anew each
 * time: so no process is lucky for the whole run, and none takes time from another.
 */
export async function measureRounds(
  context: Context,
  contenders: readonly Contender[],
  options: RoundOptions,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const contender of orderOfRound(contenders, round)) {
      const sample = await measure(context, contender, round, options);
      const rate = `${sample.full.requestsPerSecond.toFixed(0)} requests/s`;
      console.error(`round ${String(round)}/${String(options.rounds)}  ${contender.name}: ${rate}`);
      samples.push(sample);
    }
  }
  return samples;
}

async function measure(
  context: Context,
  contender: Contender,
  round: number,
  options: RoundOptions,
): Promise<Sample> {
  const { seconds, processes, wrk } = options;
  const folder = `${contender.name.replaceAll(/\W+/g, "-")}-${String(round)}`;
  const share = await foreignShare(context);
  const server = await contender.start(context, { directory: join(options.directory, folder), processes });
  try {
    const target = { wrk, name: contender.name, port: server.port };
    await load(context, target, { seconds: Math.min(warmUpSeconds, seconds), pace: "none" });
    const cpuBeforeMs = cpuMsOf(server.groups);
    const full = await load(context, target, { seconds, pace: "none" });
    const cpuUsPerRequest = ((cpuMsOf(server.groups) - cpuBeforeMs) * 1000) / full.requests;
    const paced = await load(context, target, { seconds: Math.ceil(seconds / 2), pace: "paced" });
    return { round, contender: contender.name, foreignShare: share, cpuUsPerRequest, full, paced };
  } finally {
    await server.stop();
  }
}
