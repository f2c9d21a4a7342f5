import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Context } from "../../packages/fairlead/src/kernel/index.ts";
import { describeNoise } from "../noise.ts";
import { type Options, readOptions } from "../options.ts";
import { findPrograms } from "../programs.ts";
import { describeRun, recordSection, writeSamples } from "../results.ts";
import { median } from "../statistics.ts";
import { listContenders, ownName } from "./contenders.ts";
import { formatSamples, ratiosToBare } from "./report.ts";
import { measureRounds, type Sample } from "./rounds.ts";

/** The least share of the bare application's requests/s with which the check passes; the aim is 0.97. */
const leastRatio = 0.65;

const numbers = {
  seconds: { fallback: 4, minimum: 1, maximum: 60 },
  rounds: { fallback: 5, minimum: 1, maximum: 50 },
  processes: { fallback: 1, minimum: 1, maximum: 16 },
};

/** Measures the ways to one application in turn and prints the table; gives the exit code. */
export async function benchmarkEdge(context: Context, argv: readonly string[]): Promise<number> {
  const options = readOptions(argv, numbers);
  const programs = findPrograms(["wrk", "nginx", "caddy"]);
  const directory = await mkdtemp(join(tmpdir(), "fairlead-bench-edge-"));
  try {
    const request = { ...options, wrk: programs.wrk, directory };
    const contenders = listContenders(programs);
    const samples = await measureRounds(context, contenders, request);
    const names = contenders.map(({ name }) => name);
    const noise = describeNoise(samples.map(({ foreignShare }) => foreignShare));
    await publish(`${formatSamples(names, samples)}\n\n${noise}`, samples, options);
    return options.check ? checkRatio(samples) : 0;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function publish(
  text: string,
  samples: Sample[],
  options: Options<keyof typeof numbers>,
): Promise<void> {
  const processes = options.processes === 1 ? "one process" : `${String(options.processes)} processes`;
  console.log(`\n${text}\n`);
  const file = options.processes === 1 ? "edge" : `edge-${String(options.processes)}`;
  console.log(`every sample: ${await writeSamples(file, samples)}`);
  if (!options.record) return;
  const length = `${String(options.rounds)} rounds of ${String(options.seconds)} s`;
  const title = `${await describeRun()} · Node.js ${process.versions.node} · ${length}`;
  await recordSection(`Public address, ${processes}`, `${title}\n\n${text}`);
}

function checkRatio(samples: Sample[]): number {
  const ratio = median(ratiosToBare(ownName, samples));
  const isEnough = ratio >= leastRatio;
  const verdict = `${ratio.toFixed(2)} of the bare application's requests/s, at least ${String(leastRatio)}`;
  console.log(`${isEnough ? "ok" : "too slow"}: ${ownName} answers ${verdict}`);
  return isEnough ? 0 : 1;
}
