import { formatRange, median } from "../statistics.ts";
import { formatTable } from "../table.ts";
import { bareName } from "./contenders.ts";
import type { Sample } from "./rounds.ts";

/** The table of a run: medians over the rounds; a ratio is the median of the rounds' own ratios. */
export function formatSamples(names: readonly string[], samples: readonly Sample[]): string {
  const rows = names.map((name) => {
    const own = samplesOf(name, samples);
    const middle = (read: (sample: Sample) => number) => median(own.map(read));
    const ratios = ratiosToBare(name, samples);
    return [
      name,
      middle(({ full }) => full.requestsPerSecond).toFixed(0),
      median(ratios).toFixed(2),
      formatRange(ratios, 2),
      middle(({ cpuUsPerRequest }) => cpuUsPerRequest).toFixed(0),
      middle(({ full }) => full.p99Ms).toFixed(1),
      middle(({ paced }) => paced.requestsPerSecond).toFixed(0),
      middle(({ paced }) => paced.p50Ms).toFixed(2),
      middle(({ paced }) => paced.p99Ms).toFixed(2),
    ];
  });
  const full = ["requests/s", "of bare", "least–most", "CPU µs/request", "p99 ms"];
  return formatTable(["contender", ...full, "paced requests/s", "p50 ms", "p99 ms"], rows);
}

/** Requests/s of a contender divided by those of the bare application in the same round, for each round. */
export function ratiosToBare(contender: string, samples: readonly Sample[]): number[] {
  const bare = new Map(
    samplesOf(bareName, samples).map(({ round, full }) => [round, full.requestsPerSecond]),
  );
  return samplesOf(contender, samples).map(
    ({ round, full }) => full.requestsPerSecond / (bare.get(round) ?? Number.NaN),
  );
}

function samplesOf(contender: string, samples: readonly Sample[]): Sample[] {
  return samples.filter((sample) => sample.contender === contender);
}
