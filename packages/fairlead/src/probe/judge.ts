import type { ResolvedConfig } from "../config/index.ts";
import type { Counts } from "../platforms/index.ts";
import { countSlower, lowestLikelyShare, quantile } from "./counts.ts";

export type WatchSettings = Omit<ResolvedConfig["watch"], "seconds">;

export interface HealthProbe {
  ok: boolean;
  error?: string;
}

export interface WatchInput {
  /** Oldest first. */
  health: HealthProbe[];
  /** What the old release counted, to compare with; absent where there was none. */
  old?: Counts;
  /** What the new release counted since the switch. */
  new: Counts;
  /** The part of it after the first moments, in which caches are cold; latency is judged on it where it is given. */
  warm?: Counts;
  /** Process restarts of the new release since the switch. */
  restarts: number;
  /** The platform has given the deployment up. */
  failed?: boolean;
  failure?: string;
  settings: WatchSettings;
  elapsedMs: number;
}

/** `undecided`: nothing bad, but too little was seen to call it healthy. */
export interface Verdict {
  state: "healthy" | "undecided" | "bad";
  reasons: string[];
  facts: Record<string, number>;
}

const failuresInARow = 3;
/** Fewer errors or slow answers than this are never taken for a trend. */
const minimumEvents = 5;

/**
 * Judges a release after its switch; pure.
 *
 * Bad is: the deployment failed; a process crashed; the last 3 health probes failed; or, once each side has its minimum of
 * requests, a share of 5xx answers that lies above the old one's by more than `errorRateRise`, or a p95 above both
 * `p95Ratio` times and `p95SlackMs` more than the old one's. Both shares must be so with 95 % likelihood (one-sided) and
 * by at least 5 answers. Without an old release the error share is compared with zero and latency is not judged.
 */
export function judgeWatch(input: WatchInput): Verdict {
  const failures = failureStreak(input.health);
  const facts = gatherFacts(input, failures);
  const bad = [...processReasons(input, failures), ...errorReasons(input), ...latencyReasons(input)];
  if (bad.length > 0) return { state: "bad", reasons: bad, facts };

  const open: string[] = [];
  if (input.health.length === 0) open.push("no health probe has been answered yet");
  else if (failures > 0) open.push(`the last health probe failed: ${lastError(input.health)}`);
  const { minimumRequests } = input.settings;
  if (input.new.requests < minimumRequests) {
    open.push(
      `${String(input.new.requests)} of the ${String(minimumRequests)} requests that a judgement needs`,
    );
  }
  return open.length > 0
    ? { state: "undecided", reasons: open, facts }
    : { state: "healthy", reasons: [], facts };
}

/** How many of the latest probes failed in a row. */
export function failureStreak(health: readonly HealthProbe[]): number {
  const lastGood = health.findLastIndex((probe) => probe.ok);
  return health.length - 1 - lastGood;
}

function processReasons(input: WatchInput, failures: number): string[] {
  const reasons: string[] = [];
  if (input.failed === true) {
    reasons.push(`the deployment failed${input.failure === undefined ? "" : `: ${input.failure}`}`);
  }
  if (input.restarts > 0) {
    const times = input.restarts === 1 ? "once" : `${String(input.restarts)} times`;
    reasons.push(`a process ended by itself and was started again ${times}`);
  }
  if (failures >= failuresInARow) {
    reasons.push(
      `${String(failures)} health probes in a row failed, the last one: ${lastError(input.health)}`,
    );
  }
  return reasons;
}

function errorReasons({ old, new: current, settings }: WatchInput): string[] {
  if (current.requests < settings.minimumRequests || current.errors < minimumEvents) return [];
  const comparable = old !== undefined && old.requests >= settings.minimumRequests;
  const before = comparable ? old.errors / old.requests : 0;
  const share = current.errors / current.requests;
  if (share - before <= settings.errorRateRise) return [];
  if (lowestLikelyShare(current.errors, current.requests) <= before) return [];
  const counted = `${String(current.errors)} of ${String(current.requests)} answers are 5xx`;
  return [`${counted} (${percent(share)}, before ${comparable ? percent(before) : "unknown"})`];
}

// p95 is above the limit exactly when more than 5 % of the answers are slower than it: so the share is tested.
function latencyReasons(input: WatchInput): string[] {
  const { old, settings } = input;
  const current = input.warm ?? input.new;
  if (old === undefined || old.requests < settings.minimumRequests) return [];
  if (current.requests < settings.minimumRequests) return [];
  const before = quantile(old.latency, 0.95);
  const now = quantile(current.latency, 0.95);
  if (before === undefined || now === undefined) return [];
  const limitMs = Math.max(before * settings.p95Ratio, before + settings.p95SlackMs);
  const slower = countSlower(current.latency, limitMs);
  const answers = current.latency.counts.reduce((sum, count) => sum + count, 0);
  if (now <= limitMs || slower < minimumEvents || lowestLikelyShare(slower, answers) <= 0.05) return [];
  return [`p95 is ${milliseconds(now)}, before ${milliseconds(before)} (limit ${milliseconds(limitMs)})`];
}

function gatherFacts(input: WatchInput, failures: number): Record<string, number> {
  const facts: Record<string, number> = {
    elapsedMs: input.elapsedMs,
    healthProbes: input.health.length,
    healthFailuresInARow: failures,
    restarts: input.restarts,
    requests: input.new.requests,
    errors: input.new.errors,
    aborted: input.new.aborted,
  };
  const now = quantile((input.warm ?? input.new).latency, 0.95);
  if (now !== undefined) facts["p95Ms"] = now;
  if (input.old !== undefined) {
    facts["oldRequests"] = input.old.requests;
    facts["oldErrors"] = input.old.errors;
    const before = quantile(input.old.latency, 0.95);
    if (before !== undefined) facts["oldP95Ms"] = before;
  }
  return facts;
}

function lastError(health: readonly HealthProbe[]): string {
  return health.at(-1)?.error ?? "unknown";
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function milliseconds(value: number): string {
  return `${String(Math.round(value))} ms`;
}
