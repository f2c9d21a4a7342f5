import { describe, expect, it } from "vitest";

import type { Counts } from "../platforms/index.ts";
import { countSlower, emptyCounts, lowestLikelyShare, quantile, subtractCounts } from "./counts.ts";

const boundsMs = [10, 100, 1000];

function countsOf(buckets: number[], errors = 0): Counts {
  const requests = buckets.reduce((sum, count) => sum + count, 0);
  return {
    requests,
    errors,
    aborted: 0,
    inFlight: 2,
    connections: 3,
    latency: { boundsMs, counts: buckets },
  };
}

describe("quantile", () => {
  it.each([
    ["nothing", [0, 0, 0, 0], 0.95, undefined],
    ["half-way into the first bucket", [10, 0, 0, 0], 0.5, 5],
    ["the end of a bucket", [10, 10, 0, 0], 0.5, 10],
    ["within a later bucket", [0, 10, 10, 0], 0.75, 550],
    ["past an empty bucket", [1, 0, 9, 0], 1, 1000],
    ["without an upper bound", [0, 0, 1, 9], 0.95, 1000],
  ])("%s", (_name, counts, q, expected) => {
    const value = quantile({ boundsMs, counts }, q);
    if (expected === undefined) expect(value).toBeUndefined();
    else expect(value).toBeCloseTo(expected);
  });
});

describe("countSlower", () => {
  it("interpolates in the bucket that holds the limit", () => {
    expect(countSlower({ boundsMs, counts: [5, 10, 4, 3] }, 55)).toBeCloseTo(12);
  });

  it("agrees with the quantile: 5 % of the answers are slower than p95", () => {
    const latency = { boundsMs, counts: [40, 50, 60, 0] };
    expect(countSlower(latency, quantile(latency, 0.95) ?? 0)).toBeCloseTo(150 * 0.05);
  });

  it("knows of none beyond the last bound", () => {
    expect(countSlower({ boundsMs, counts: [0, 0, 0, 7] }, 1001)).toBe(0);
    expect(countSlower({ boundsMs, counts: [0, 0, 0, 7] }, 1000)).toBe(7);
  });
});

describe("subtractCounts", () => {
  it("gives what came between two readings", () => {
    const window = subtractCounts(countsOf([9, 5, 1, 0], 4), countsOf([4, 5, 0, 0], 1));
    expect(window).toMatchObject({ requests: 6, errors: 3, inFlight: 2, connections: 3 });
    expect(window.latency.counts).toEqual([5, 0, 1, 0]);
  });

  it("counts from zero after a counter went back", () => {
    expect(subtractCounts(countsOf([3, 0, 0, 0]), countsOf([50, 0, 0, 0]))).toMatchObject({ requests: 3 });
  });

  it("takes empty counts away without changing anything", () => {
    const counts = countsOf([1, 2, 3, 4], 5);
    expect(subtractCounts(counts, emptyCounts(counts))).toEqual(counts);
  });
});

describe("lowestLikelyShare", () => {
  it("matches published values of the score interval", () => {
    expect(lowestLikelyShare(0, 30)).toBe(0);
    expect(lowestLikelyShare(5, 30)).toBeCloseTo(0.084, 2);
    expect(lowestLikelyShare(50, 100)).toBeCloseTo(0.419, 2);
  });
});
