import { cancelled, type Context, formatDuration, messageOf } from "../kernel/index.ts";
import type { Counts, DeploymentView, EnvironmentView } from "../platforms/index.ts";
import { emptyCounts, subtractCounts } from "./counts.ts";
import { failureStreak, type HealthProbe, judgeWatch, type Verdict, type WatchSettings } from "./judge.ts";
import { failureOf, isHealthy, request } from "./request.ts";

export interface WatchOptions {
  observe: () => Promise<EnvironmentView>;
  /** The deployment that was switched to. */
  deploymentId: string;
  /** The deployment that was active before it. */
  previous?: string;
  /** The environment as observed just before the switch; without it the first look of the watch has to do. */
  before?: EnvironmentView;
  /** Used as long as the platform shows no private address of the deployment. */
  healthAddress: string;
  healthPath: string;
  settings: WatchSettings;
  /** How long the release is watched; 0 watches nothing. */
  seconds: number;
  signal: AbortSignal;
  onProgress: (text: string) => void;
}

export interface WatchReport {
  /** The release may stay: the verdict is not `bad`. */
  ok: boolean;
  verdict: Verdict;
  /** `window`: the whole time was watched. `superseded`: another deployment took over, or this one was stopped. */
  ended: "window" | "bad" | "superseded";
  elapsedMs: number;
  looks: number;
  /** One line for people. */
  summary: string;
}

/** What the looks have shown so far. */
interface Observations {
  startedAt: number;
  looks: number;
  health: HealthProbe[];
  /** The deployment at the switch, before and after the cold start; what is compared with. */
  first?: DeploymentView;
  warm?: Counts;
  old?: Counts;
  latest?: DeploymentView;
  /** Looks in a row that showed another deployment in its place. */
  displaced: number;
  unobserved?: string;
}

const healthTimeoutMs = 3000;
const maximumWarmUpMs = 5000;
/** Further looks after the time is up, while the last probe failed and the verdict is open. */
const extraLooks = 3;
const displacedLooks = 2;

/**
 * Watches a release after its switch and judges it; ends early when it is bad, and never later than the window and
 * 3 further looks. Its own counts are those since the switch; the old release's are all it counted up to then.
 * Errors: `cancelled`.
 */
export async function watch(context: Context, options: WatchOptions): Promise<WatchReport> {
  const windowMs = options.seconds * 1000;
  const record: Observations = { startedAt: context.clock.now(), looks: 0, health: [], displaced: 0 };
  if (options.before !== undefined) takeBaseline(record, options, options.before);
  if (windowMs === 0) {
    const verdict: Verdict = { state: "undecided", reasons: ["the watch is switched off"], facts: {} };
    return conclude(context, record, verdict, "window");
  }
  const intervalMs = Math.min(1000, Math.max(100, windowMs / 20));
  let extra = 0;
  for (;;) {
    await look(context, options, record);
    const elapsedMs = context.clock.now() - record.startedAt;
    const verdict = judge(record, options.settings, elapsedMs, windowMs);
    if (verdict.state === "bad") return conclude(context, record, verdict, "bad");
    if (record.displaced >= displacedLooks)
      return conclude(context, record, superseded(verdict), "superseded");
    options.onProgress(describeProgress(verdict, windowMs - elapsedMs));
    if (elapsedMs >= windowMs) {
      if (failureStreak(record.health) === 0 || extra === extraLooks) {
        return conclude(context, record, verdict, "window");
      }
      extra += 1;
    }
    const pauseMs = Math.min(intervalMs, Math.max(windowMs - elapsedMs, 100));
    await context.clock.sleep(pauseMs, AbortSignal.any([options.signal, context.signal]));
  }
}

async function look(context: Context, options: WatchOptions, record: Observations): Promise<void> {
  if (options.signal.aborted || context.signal.aborted) throw cancelled();
  const address = record.latest?.privateAddress ?? record.first?.privateAddress ?? options.healthAddress;
  const [view, probe] = await Promise.all([
    observeSafely(options, record),
    probeHealth(context, address, options.healthPath),
  ]);
  record.looks += 1;
  record.health.push(probe);
  if (view === undefined) return;
  if (record.first === undefined || record.old === undefined) takeBaseline(record, options, view);
  const deployment = view.deployments.find(({ id }) => id === options.deploymentId);
  const elsewhere = view.active !== undefined && view.active !== options.deploymentId;
  record.displaced = elsewhere || deployment?.state === "stopped" ? record.displaced + 1 : 0;
  if (deployment !== undefined) record.latest = deployment;
}

async function observeSafely(
  options: WatchOptions,
  record: Observations,
): Promise<EnvironmentView | undefined> {
  try {
    const view = await options.observe();
    delete record.unobserved;
    return view;
  } catch (error) {
    record.unobserved = messageOf(error);
    return undefined;
  }
}

function takeBaseline(record: Observations, options: WatchOptions, view: EnvironmentView): void {
  const deployment = view.deployments.find(({ id }) => id === options.deploymentId);
  if (record.first === undefined && deployment !== undefined) record.first = deployment;
  const old = view.deployments.find(({ id }) => id === options.previous)?.counts;
  if (record.old === undefined && old !== undefined) record.old = old;
}

async function probeHealth(context: Context, address: string, path: string): Promise<HealthProbe> {
  const url = new URL(path, address);
  const answer = await request(context, {
    url,
    method: "GET",
    timeoutMs: healthTimeoutMs,
    follow: true,
    read: "all",
  });
  return isHealthy(answer) ? { ok: true } : { ok: false, error: failureOf(answer) };
}

function judge(record: Observations, settings: WatchSettings, elapsedMs: number, windowMs: number): Verdict {
  const counts = record.latest?.counts;
  const isWarm = elapsedMs >= Math.min(maximumWarmUpMs, windowMs / 3);
  if (isWarm && record.warm === undefined && counts !== undefined) record.warm = counts;
  const current = counts === undefined ? emptyCounts() : subtractCounts(counts, baseCounts(record, counts));
  // Until the cold start is over there is nothing to judge latency on.
  const warm =
    counts === undefined || record.warm === undefined ? emptyCounts() : subtractCounts(counts, record.warm);
  const verdict = judgeWatch({
    health: record.health,
    ...(record.old === undefined ? {} : { old: record.old }),
    new: current,
    warm,
    restarts: Math.max(0, (record.latest?.restarts ?? 0) - (record.first?.restarts ?? 0)),
    failed: record.latest?.state === "failed",
    ...(record.latest?.failure === undefined ? {} : { failure: record.latest.failure.reason }),
    settings,
    elapsedMs,
  });
  if (record.unobserved === undefined || verdict.state === "bad") return verdict;
  const reason = `the platform could not be observed: ${record.unobserved}`;
  return { ...verdict, state: "undecided", reasons: [...verdict.reasons, reason] };
}

function baseCounts(record: Observations, like: Counts): Counts {
  return record.first?.counts ?? emptyCounts(like);
}

function superseded(verdict: Verdict): Verdict {
  const reason = "another deployment took its place, or it was stopped";
  return { ...verdict, state: "undecided", reasons: [...verdict.reasons, reason] };
}

function describeProgress({ facts }: Verdict, leftMs: number): string {
  const parts = [
    `${formatDuration(Math.max(0, leftMs))} left`,
    `${String(facts["requests"] ?? 0)} requests`,
    `${String(facts["errors"] ?? 0)} errors`,
  ];
  const now = facts["p95Ms"];
  const before = facts["oldP95Ms"];
  if (now !== undefined) {
    parts.push(
      `p95 ${formatDuration(now)}${before === undefined ? "" : ` (before ${formatDuration(before)})`}`,
    );
  }
  return parts.join(", ");
}

function conclude(
  context: Context,
  record: Observations,
  verdict: Verdict,
  ended: WatchReport["ended"],
): WatchReport {
  const elapsedMs = context.clock.now() - record.startedAt;
  const reasons = verdict.reasons.length === 0 ? "" : `: ${verdict.reasons.join("; ")}`;
  const requests = `${String(verdict.facts["requests"] ?? 0)} requests`;
  const summary = `${verdict.state} after ${formatDuration(elapsedMs)} and ${requests}${reasons}`;
  return { ok: verdict.state !== "bad", verdict, ended, elapsedMs, looks: record.looks, summary };
}
