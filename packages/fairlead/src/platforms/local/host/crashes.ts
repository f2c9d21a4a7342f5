import { lastLogLines, noteInLog } from "../log-files.ts";
import { type DeploymentRecord, readVariables, secretsOf } from "../state.ts";
import { type HostCore, trySave } from "./core.ts";
import type { Deployment } from "./deployment.ts";

const crashWindowMs = 60_000;
const crashesInWindow = 5;
const shownLines = 20;
const defaultBackOff = { shortestMs: 250, longestMs: 10_000 };

/**
 * Writes a crash down and says how long to wait until the next start: twice as long after each crash of the last minute.
 * After too many the deployment is failed, which only the active one survives (`undefined`: it is given up).
 */
export async function noteCrash(
  core: HostCore,
  deployment: Deployment,
  index: number,
  reason: string,
): Promise<number | undefined> {
  const { record } = deployment;
  const now = core.clock.now();
  record.restarts[index] = (record.restarts[index] ?? 0) + 1;
  deployment.crashes = [...deployment.crashes.filter((time) => now - time < crashWindowMs), now];
  const count = deployment.crashes.length;
  const { shortestMs, longestMs } = core.config.backOff ?? defaultBackOff;
  const isFailed = count > crashesInWindow;
  const delayMs = isFailed ? longestMs : Math.min(shortestMs * 2 ** (count - 1), longestMs);
  const isGivenUp = isFailed && core.state.active !== record.id;
  const next = isGivenUp ? "given up" : `started again in ${String(delayMs)} ms`;
  noteInLog(core.layout, record.id, `instance ${String(index)}: ${reason}; ${next}`);
  if (isFailed) {
    const times = `${String(count)} crashes in ${String(crashWindowMs / 1000)} s`;
    await noteFailure(core, record, `${times}, last: ${reason}`);
  }
  await trySave(core);
  return isGivenUp ? undefined : delayMs;
}

/** Marks a deployment as failed, with the last lines of its log. */
export async function noteFailure(core: HostCore, record: DeploymentRecord, reason: string): Promise<void> {
  const lastLines = await readLastLines(core, record.id).catch(() => []);
  record.state = "failed";
  record.failure = { reason, lastLines };
  core.log(`${record.id} failed: ${reason}`);
}

/** Takes the failure of a deployment back that serves again. */
export function noteRecovery(core: HostCore, record: DeploymentRecord): void {
  record.state = "ready";
  delete record.failure;
  noteInLog(core.layout, record.id, "it serves again");
  void trySave(core);
}

async function readLastLines(core: HostCore, id: string): Promise<string[]> {
  return lastLogLines(core.layout, id, shownLines, secretsOf(await readVariables(core.layout, id)));
}
