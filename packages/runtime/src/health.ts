import type { ReleaseInformation } from "./release.ts";

/** Looks at one thing the process needs; gives the reason why it is not usable, `undefined` when it is. */
export type ReadinessCheck = (signal: AbortSignal) => Promise<string | undefined>;

export interface ReadinessOptions {
  /** How long any check may take before it counts as failed. */
  timeoutMs: number;
}

const HEADERS = { "cache-control": "no-store" };

/** The answer of a liveness probe: this process runs, and which release it is. Touches nothing else. */
export function healthResponse(release: ReleaseInformation): Response {
  const uptimeSeconds = Math.round(process.uptime() * 10) / 10;
  return Response.json({ status: "ok", ...release, uptimeSeconds }, { headers: HEADERS });
}

/** The answer of a readiness probe: 200 when every check passes in time, else 503 with the reasons. */
export async function readyResponse(
  release: ReleaseInformation,
  checks: Readonly<Record<string, ReadinessCheck>>,
  options: ReadinessOptions,
): Promise<Response> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await runCheck(check, options)] as const),
  );
  const failed = results.filter(([, reason]) => reason !== undefined);
  const body = {
    status: failed.length === 0 ? "ready" : "not ready",
    ...release,
    checks: Object.fromEntries(results.map(([name, reason]) => [name, reason ?? "ok"])),
    reasons: failed.map(([name, reason]) => `${name}: ${String(reason)}`),
  };
  return Response.json(body, { status: failed.length === 0 ? 200 : 503, headers: HEADERS });
}

async function runCheck(check: ReadinessCheck, options: ReadinessOptions): Promise<string | undefined> {
  const abort = new AbortController();
  const timeout = new Promise<string>((resolve) => {
    abort.signal.addEventListener("abort", () => {
      resolve(`no answer within ${String(options.timeoutMs)} ms`);
    });
  });
  const timer = setTimeout(() => {
    abort.abort();
  }, options.timeoutMs);
  try {
    return await Promise.race([check(abort.signal), timeout]);
  } catch (error) {
    return error instanceof Error ? error.message || error.name : String(error);
  } finally {
    clearTimeout(timer);
  }
}
