import type { ResolvedConfig } from "../config/index.ts";
import { type Context, formatDuration } from "../kernel/index.ts";
import { crawl } from "./crawl.ts";
import { type Answer, failureOf, isHealthy, request } from "./request.ts";
import { resultOf, type SmokeResult } from "./result.ts";

export type { SmokeResult } from "./result.ts";

export type SmokeCheck = ResolvedConfig["smoke"]["checks"][number];

export interface SmokeRequest {
  /** Private http address of one deployment. */
  address: string;
  healthPath: string;
  /** Without any, the pages that can be reached from `/` are crawled. */
  checks: SmokeCheck[];
  /** How many pages the crawl visits at the most. */
  crawlPages: number;
  /** Of each single request; the crawl as a whole may take six times as long. */
  timeoutMs: number;
}

export interface SmokeReport {
  /** No result has a problem. */
  ok: boolean;
  checked: SmokeResult[];
  /** One line for people. */
  summary: string;
}

const refusedGraceMs = 1000;

/**
 * Tries a deployment before it gets traffic: its health, and the configured checks or else a crawl from `/`.
 * Nothing is tried twice, except that a connection may be refused during the first second. Errors: `cancelled`.
 */
export async function smoke(context: Context, options: SmokeRequest): Promise<SmokeReport> {
  const origin = new URL(options.address);
  const refusedUntil = context.clock.now() + refusedGraceMs;
  const checked = [await checkHealth(context, options, origin, refusedUntil)];
  if (checked[0]?.status === undefined) return report(checked, []);

  for (const check of options.checks) checked.push(await runCheck(context, options, origin, check));
  if (options.checks.length > 0 || options.crawlPages === 0) return report(checked, []);

  const { timeoutMs, crawlPages: pages } = options;
  const crawled = await crawl(context, { origin, pages, timeoutMs, totalMs: 6 * timeoutMs });
  return report([...checked, ...crawled.checked], crawled.notes);
}

async function checkHealth(
  context: Context,
  options: SmokeRequest,
  origin: URL,
  refusedUntil: number,
): Promise<SmokeResult> {
  const url = new URL(options.healthPath, origin);
  const { timeoutMs } = options;
  const answer = await request(context, {
    url,
    method: "GET",
    timeoutMs,
    follow: true,
    read: "all",
    refusedUntil,
  });
  return resultOf(options.healthPath, answer, {
    ...(isHealthy(answer) ? {} : { problem: `unhealthy: ${failureOf(answer)}` }),
  });
}

async function runCheck(
  context: Context,
  options: SmokeRequest,
  origin: URL,
  check: SmokeCheck,
): Promise<SmokeResult> {
  const expectsRedirect = check.status >= 300 && check.status <= 399;
  const answer = await request(context, {
    url: new URL(check.path, origin),
    method: check.method,
    timeoutMs: options.timeoutMs,
    follow: !expectsRedirect,
    read: "all",
  });
  const path = check.method === "GET" ? check.path : `${check.method} ${check.path}`;
  const problem = checkProblem(check, answer);
  return resultOf(path, answer, problem === undefined ? {} : { problem });
}

function checkProblem(check: SmokeCheck, answer: Answer): string | undefined {
  if (answer.failure !== undefined) return answer.failure;
  if (answer.status !== check.status) {
    const remark = answer.remark === undefined ? "" : `, ${answer.remark}`;
    return `status ${String(answer.status)} instead of ${String(check.status)}${remark}`;
  }
  if (check.contains === undefined || answer.text.includes(check.contains)) return undefined;
  return `the answer does not contain ${JSON.stringify(check.contains)}`;
}

function report(checked: SmokeResult[], notes: string[]): SmokeReport {
  const failed = checked.filter((result) => result.problem !== undefined);
  const warnings = checked.filter((result) => result.warning !== undefined).length;
  const slowest = Math.max(...checked.map((result) => result.durationMs));
  const parts =
    failed.length === 0
      ? [`${String(checked.length)} answered, the slowest in ${formatDuration(slowest)}`]
      : [`${String(failed.length)} of ${String(checked.length)} failed: ${shorten(failed)}`];
  if (warnings > 0) parts.push(warnings === 1 ? "1 warning" : `${String(warnings)} warnings`);
  return { ok: failed.length === 0, checked, summary: [...parts, ...notes].join("; ") };
}

function shorten(failed: SmokeResult[]): string {
  const shown = failed.slice(0, 3).map((result) => `${result.path} (${result.problem ?? ""})`);
  return failed.length > 3 ? `${shown.join(", ")}, …` : shown.join(", ");
}
