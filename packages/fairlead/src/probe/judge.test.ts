import { describe, expect, it } from "vitest";

import type { Counts } from "../platforms/index.ts";
import { judgeWatch, type WatchInput } from "./judge.ts";

const settings = { minimumRequests: 30, errorRateRise: 0.02, p95Ratio: 2, p95SlackMs: 200 };
const good = { ok: true };
const failing = { ok: false, error: "status 503" };

function counts(requests: number, errors = 0, slow = 0): Counts {
  const latency = { boundsMs: [50, 100, 500, 1000], counts: [requests - slow, 0, 0, slow, 0] };
  return { requests, errors, aborted: 0, inFlight: 0, connections: 0, latency };
}

function input(parts: Partial<WatchInput>): WatchInput {
  return {
    health: [good, good],
    old: counts(1000),
    new: counts(100),
    restarts: 0,
    settings,
    elapsedMs: 1,
    ...parts,
  };
}

const table: [string, Partial<WatchInput>, string, RegExp | undefined][] = [
  ["all is well", {}, "healthy", undefined],
  ["no traffic is no failure", { new: counts(0) }, "undecided", /0 of the 30 requests/],
  ["all of too few answers are errors", { new: counts(29, 29) }, "undecided", /29 of the 30 requests/],
  ["no probe yet", { health: [] }, "undecided", /no health probe/],
  ["one failed probe", { health: [good, failing] }, "undecided", /status 503/],
  [
    "three failed probes, then a good one",
    { health: [failing, failing, failing, good] },
    "healthy",
    undefined,
  ],
  [
    "three failed probes",
    { health: [good, failing, failing, failing] },
    "bad",
    /3 health probes in a row.*503/,
  ],
  ["a crash", { restarts: 1 }, "bad", /started again once/],
  ["given up", { failed: true, failure: "exit code 1" }, "bad", /the deployment failed: exit code 1/],
  ["a crash without traffic", { new: counts(0), restarts: 3 }, "bad", /3 times/],
  ["errors from none", { new: counts(100, 20) }, "bad", /20 of 100 answers are 5xx \(20.0 %, before 0.0 %\)/],
  ["four errors are no trend", { new: counts(30, 4) }, "healthy", undefined],
  ["a rise within the limit", { new: counts(1000, 19) }, "healthy", undefined],
  ["as bad as the old one", { old: counts(1000, 300), new: counts(100, 30) }, "healthy", undefined],
  ["better than the old one", { old: counts(1000, 500), new: counts(100, 10) }, "healthy", undefined],
  ["a rise that may be chance", { old: counts(1000, 150), new: counts(40, 8) }, "healthy", undefined],
  ["worse than a bad old one", { old: counts(1000, 300), new: counts(100, 60) }, "bad", /before 30.0 %/],
  ["too little of the old one", { old: counts(3, 3), new: counts(100, 60) }, "bad", /before unknown/],
  ["slower than limit and slack", { new: counts(100, 0, 30) }, "bad", /p95 is \d+ ms, before \d+ ms/],
  ["a few slow answers", { new: counts(100, 0, 5) }, "healthy", undefined],
  ["slow at the start only", { new: counts(100, 0, 30), warm: counts(60) }, "healthy", undefined],
  [
    "slow, with too few warm answers",
    { new: counts(100, 0, 30), warm: counts(5, 0, 5) },
    "healthy",
    undefined,
  ],
  ["as slow as the old one", { old: counts(1000, 0, 300), new: counts(100, 0, 30) }, "healthy", undefined],
  [
    "slow within the slack",
    { new: counts(100, 0, 30), settings: { ...settings, p95SlackMs: 2000 } },
    "healthy",
    undefined,
  ],
];

describe("judgeWatch", () => {
  it.each(table)("%s", (_name, parts, state, reason) => {
    const verdict = judgeWatch(input(parts));
    expect(verdict.state).toBe(state);
    if (reason === undefined) expect(verdict.reasons).toEqual([]);
    else expect(verdict.reasons.join("\n")).toMatch(reason);
  });

  it("judges a first release on its own errors, and never on its latency", () => {
    const first = (current: Counts): WatchInput => {
      const whole = input({ new: current });
      delete whole.old;
      return whole;
    };
    expect(judgeWatch(first(counts(100, 50))).state).toBe("bad");
    expect(judgeWatch(first(counts(100, 0, 90))).state).toBe("healthy");
  });

  it("gives the numbers it judged by, and every reason", () => {
    const verdict = judgeWatch(input({ new: counts(100, 40, 50), restarts: 2 }));
    expect(verdict.reasons).toHaveLength(3);
    expect(verdict.facts).toMatchObject({ requests: 100, errors: 40, restarts: 2, oldRequests: 1000 });
    expect(verdict.facts["p95Ms"]).toBeGreaterThan(verdict.facts["oldP95Ms"] ?? Infinity);
  });
});
