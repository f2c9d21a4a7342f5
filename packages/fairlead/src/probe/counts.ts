import type { Counts } from "../platforms/index.ts";

export type Latency = Counts["latency"];

/** Counts of nothing, in the buckets of another count. */
export function emptyCounts(like?: Counts): Counts {
  const boundsMs = [...(like?.latency.boundsMs ?? [])];
  const counts = new Array<number>(boundsMs.length + 1).fill(0);
  return { requests: 0, errors: 0, aborted: 0, inFlight: 0, connections: 0, latency: { boundsMs, counts } };
}

/**
 * What was counted between two readings of one deployment, `later` minus `earlier`; `inFlight` and `connections` are
 * moments and stay those of `later`. A counter that went back (another process took over) counts from zero.
 */
export function subtractCounts(later: Counts, earlier: Counts): Counts {
  const wentBack = later.requests < earlier.requests;
  const base = wentBack ? emptyCounts(later) : earlier;
  const sameBuckets = base.latency.boundsMs.join() === later.latency.boundsMs.join();
  return {
    requests: later.requests - base.requests,
    errors: Math.max(0, later.errors - base.errors),
    aborted: Math.max(0, later.aborted - base.aborted),
    inFlight: later.inFlight,
    connections: later.connections,
    latency: {
      boundsMs: [...later.latency.boundsMs],
      counts: later.latency.counts.map((count, index) =>
        sameBuckets ? Math.max(0, count - (base.latency.counts[index] ?? 0)) : count,
      ),
    },
  };
}

/**
 * The q-quantile (0 to 1) of a latency histogram in milliseconds, `undefined` without answers.
 *
 * With n answers the rank is q·n; in the bucket (lower, upper] that holds it, with c answers in it and s in those before,
 * the value is lower + (upper − lower)·(q·n − s)/c, as answers are taken to be spread evenly within a bucket. The bucket
 * without an upper bound gives its lower one. The rule of Prometheus' `histogram_quantile`.
 */
export function quantile(latency: Latency, q: number): number | undefined {
  const total = latency.counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const rank = q * total;
  let before = 0;
  for (const [index, count] of latency.counts.entries()) {
    const lower = latency.boundsMs[index - 1] ?? 0;
    const upper = latency.boundsMs[index] ?? lower;
    if (count > 0 && before + count >= rank) return lower + (upper - lower) * ((rank - before) / count);
    before += count;
  }
  return latency.boundsMs.at(-1) ?? 0;
}

/** How many answers took longer than a limit, by the same interpolation; beyond the last bound none is known to. */
export function countSlower(latency: Latency, limitMs: number): number {
  let slower = 0;
  for (const [index, count] of latency.counts.entries()) {
    const lower = latency.boundsMs[index - 1] ?? 0;
    const upper = latency.boundsMs[index];
    if (lower >= limitMs) slower += count;
    else if (upper !== undefined && upper > limitMs) slower += (count * (upper - limitMs)) / (upper - lower);
  }
  return slower;
}

/**
 * The lower end of what a share may really be, given `hits` of `total` seen: one-sided 95 % score interval,
 * (p + z²/2n − z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n) with z = 1.645 (Wilson 1927).
 */
export function lowestLikelyShare(hits: number, total: number): number {
  if (total === 0) return 0;
  const z = 1.645;
  const share = Math.min(1, hits / total);
  const spread = z * Math.sqrt((share * (1 - share)) / total + (z * z) / (4 * total * total));
  return Math.max(0, (share + (z * z) / (2 * total) - spread) / (1 + (z * z) / total));
}
