import type { Counts } from "../port.ts";

/** Upper bounds of the latency classes in milliseconds: powers of √2 from 1 ms to 65 s. */
const latencyBoundsMs: number[] = Array.from({ length: 33 }, (_, index) =>
  Number((2 ** (index / 2)).toFixed(1)),
);

/** Counts of nothing yet. */
export function emptyCounts(): Counts {
  return {
    requests: 0,
    errors: 0,
    aborted: 0,
    inFlight: 0,
    connections: 0,
    latency: {
      boundsMs: latencyBoundsMs,
      counts: Array.from({ length: latencyBoundsMs.length + 1 }, () => 0),
    },
  };
}

/** The sum of two counts whose latency classes are the same. */
export function addCounts(left: Counts, right: Counts): Counts {
  return {
    requests: left.requests + right.requests,
    errors: left.errors + right.errors,
    aborted: left.aborted + right.aborted,
    inFlight: left.inFlight + right.inFlight,
    connections: left.connections + right.connections,
    latency: {
      boundsMs: left.latency.boundsMs,
      counts: left.latency.counts.map((count, index) => count + (right.latency.counts[index] ?? 0)),
    },
  };
}

/** What remains of a process's counts when it is gone: its requests in flight were not answered. */
export function settleCounts(counts: Counts): Counts {
  return { ...counts, aborted: counts.aborted + counts.inFlight, inFlight: 0, connections: 0 };
}

/** Adds one answer to the latency classes. */
export function recordLatency(counts: Counts, durationMs: number): void {
  let index = 0;
  while (index < latencyBoundsMs.length && durationMs > (latencyBoundsMs[index] ?? 0)) index += 1;
  counts.latency.counts[index] = (counts.latency.counts[index] ?? 0) + 1;
}
