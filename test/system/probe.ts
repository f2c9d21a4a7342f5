import { fork } from "node:child_process";
import { once } from "node:events";

/** One request of the probe; `problem` where it was not answered as it should have been. */
export interface Sample {
  /** When it was sent, in milliseconds since the epoch. */
  at: number;
  kind: string;
  durationMs: number;
  problem?: string;
}

export interface ProbeResult {
  sent: number;
  samples: Sample[];
}

export interface Probe {
  /** Stops sending, waits for the answers that are still out. */
  stop(): Promise<ProbeResult>;
}

/**
 * Starts a probe at a constant rate (requests per second): new and kept connections, GET and POST in turn. An
 * answer is good when it has the status that is expected, and what was sent where it is an echo.
 */
export async function startProbe(
  address: string,
  rate = 40,
  paths = { get: "/work", post: "/echo", postStatus: 200 },
): Promise<Probe> {
  const argv = [address, String(rate), paths.get, paths.post, String(paths.postStatus)];
  const child = fork(new URL("./probe-process.ts", import.meta.url), argv, { execArgv: [] });
  await once(child, "spawn");
  return {
    async stop() {
      const result = new Promise<ProbeResult>((resolve, reject) => {
        child.once("message", (message) => {
          resolve(message as ProbeResult);
        });
        child.once("exit", () => {
          reject(new Error("the probe ended without a result"));
        });
      });
      child.send("stop");
      return result;
    },
  };
}

/** The requests that failed, each problem with its count. */
export function failuresOf(result: ProbeResult): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { problem } of result.samples) {
    if (problem !== undefined) counts[problem] = (counts[problem] ?? 0) + 1;
  }
  return counts;
}

/** The p99 of answers near the given moments (within one second) and of all the others, in milliseconds. */
export function tailLatencies(
  result: ProbeResult,
  moments: readonly number[],
): { near: number; steady: number; samplesNear: number } {
  const isNear = (sample: Sample) => moments.some((moment) => Math.abs(sample.at - moment) <= 1000);
  const near = result.samples.filter(isNear);
  const steady = result.samples.filter((sample) => !isNear(sample));
  return { near: p99(near), steady: p99(steady), samplesNear: near.length };
}

function p99(samples: readonly Sample[]): number {
  const sorted = samples.map((sample) => sample.durationMs).sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * 0.99) - 1)] ?? Number.NaN;
}
