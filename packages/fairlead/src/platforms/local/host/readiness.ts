import type { AppProcess } from "./app-process.ts";
import type { HostCore } from "./core.ts";
import type { Deployment } from "./deployment.ts";
import { probeHealth } from "./health.ts";

/** What runs and serves is ended for want of its agent only after a good while: it may be busy. */
const adoptionTimeoutMs = 15_000;
const pollIntervalMs = 50;
const longestPollIntervalMs = 500;

/** Waits until a process listens and is healthy; gives what is wrong when it ends or its time is up before. */
export async function becomeHealthy(
  core: HostCore,
  deployment: Deployment,
  process: AppProcess,
  isAdopted: boolean,
): Promise<string | undefined> {
  const { health, state } = deployment.record;
  const startedAt = core.clock.now();
  let lastProblem = "it listened on no TCP port";
  for (;;) {
    if (process.endReason !== undefined) return process.endReason;
    if (deployment.isStopping) return "it was stopped while it started";
    const elapsedMs = core.clock.now() - startedAt;
    if (isAdopted && process.status === undefined && elapsedMs > adoptionTimeoutMs)
      return "its agent did not come back";
    if (elapsedMs > health.timeoutMs) return `${lastProblem} within ${String(health.timeoutMs / 1000)} s`;
    const main = process.status?.main;
    if (main !== undefined) {
      // What served already goes on serving: it is not a new release's first health that is asked for here.
      if (isAdopted && state !== "starting") return undefined;
      const problem = await probeHealth(main, health.path, core.config.port);
      if (problem === undefined) return undefined;
      lastProblem = `it was not healthy (last: ${problem})`;
    } else if (process.status?.problem !== undefined) {
      lastProblem = process.status.problem;
    }
    await Promise.race([
      process.ended,
      core.clock.sleep(Math.max(pollIntervalMs, Math.min(elapsedMs / 20, longestPollIntervalMs))),
    ]);
  }
}
