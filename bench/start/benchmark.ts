import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Context, FairleadError, lastLines } from "../../packages/fairlead/src/kernel/index.ts";
import { describeNoise, foreignShare } from "../noise.ts";
import { readOptions } from "../options.ts";
import { describeRun, recordSection, writeSamples } from "../results.ts";
import { formatRange, median, orderOfRound } from "../statistics.ts";
import { formatTable } from "../table.ts";
import { bareName, isBuilt, listCommands, type StartCommand, versionName } from "./commands.ts";

const longestStartMs = 30_000;
/** How much longer than Node.js alone `--version` may take, in the median, before the check fails. */
const versionLimitMs = 100;

/** One start, in wall-clock time. */
interface Sample {
  /** The share of the machine that other work took before the round. */
  foreignShare: number;
  round: number;
  command: string;
  durationMs: number;
}

/** Times `--version` and `--help` beside Node.js alone, in turn; gives the exit code. */
export async function benchmarkStart(context: Context, argv: readonly string[]): Promise<number> {
  const options = readOptions(argv, { runs: { fallback: 20, minimum: 3, maximum: 1000 } });
  const directory = await mkdtemp(join(tmpdir(), "fairlead-bench-start-"));
  try {
    const commands = await listCommands(isBuilt() ? directory : undefined);
    const samples = await timeAll(context, commands, options.runs);
    const text = [formatSamples(commands, samples), ...notesOf(samples)].join("\n\n");
    console.log(`${text}\n`);
    console.log(`every sample: ${await writeSamples("start", samples)}`);
    const title = `${await describeRun()} · Node.js ${process.versions.node} · ${String(options.runs)} runs each`;
    if (options.record) await recordSection("Start of the command line", `${title}\n\n${text}`);
    return options.check ? checkVersion(samples) : 0;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function timeAll(context: Context, commands: StartCommand[], runs: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  // Round 0 fills the file cache and is not counted.
  for (let round = 0; round <= runs; round += 1) {
    const share = await foreignShare(context);
    for (const command of orderOfRound(commands, round)) {
      const durationMs = await timeOnce(context, command);
      if (round > 0) samples.push({ round, command: command.name, durationMs, foreignShare: share });
    }
  }
  return samples;
}

async function timeOnce(context: Context, command: StartCommand): Promise<number> {
  const result = await context.exec(command.argv, { timeoutMs: longestStartMs });
  if (result.code === 0) return result.durationMs;
  throw new FairleadError("start-failed", `${command.name} ended with ${String(result.code)}`, {
    details: lastLines(result.stderr, 10),
  });
}

function formatSamples(commands: StartCommand[], samples: Sample[]): string {
  const bare = median(durationsOf(bareName, samples));
  const rows = commands.map(({ name }) => {
    const durations = durationsOf(name, samples);
    const ratio = median(durations) / bare;
    const above = median(aboveBare(name, samples));
    const range = formatRange(durations, 0);
    return [name, median(durations).toFixed(1), range, above.toFixed(1), ratio.toFixed(2)];
  });
  return formatTable(["command", "median ms", "least–most ms", "above bare ms", "of bare"], rows);
}

function notesOf(samples: Sample[]): string[] {
  const noise = describeNoise(samples.map(({ foreignShare }) => foreignShare));
  return isBuilt()
    ? [noise]
    : [noise, "Without the published form of the package: run `npm run build` first."];
}

function durationsOf(command: string, samples: Sample[]): number[] {
  return samples.filter((sample) => sample.command === command).map(({ durationMs }) => durationMs);
}

// By rounds: what slows the machine for a while slows both of a round.
function aboveBare(command: string, samples: Sample[]): number[] {
  const bare = new Map(
    samples
      .filter((sample) => sample.command === bareName)
      .map(({ round, durationMs }) => [round, durationMs]),
  );
  return samples
    .filter((sample) => sample.command === command)
    .map(({ round, durationMs }) => durationMs - (bare.get(round) ?? Number.NaN));
}

function checkVersion(samples: Sample[]): number {
  const above = median(aboveBare(versionName, samples));
  const isFast = above <= versionLimitMs;
  const verdict = `${above.toFixed(1)} ms above bare Node.js, at most ${String(versionLimitMs)} ms`;
  console.log(`${isFast ? "ok" : "too slow"}: ${versionName} takes ${verdict}`);
  return isFast ? 0 : 1;
}
