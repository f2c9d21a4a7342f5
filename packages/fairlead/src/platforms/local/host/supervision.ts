import { FairleadError, isRunning, messageOf } from "../../../kernel/index.ts";
import { addCounts, settleCounts } from "../counts.ts";
import { lastLogLines, noteInLog } from "../log-files.ts";
import { type DeploymentRecord, readVariables, secretsOf } from "../state.ts";
import { type AppProcess, createAppProcess } from "./app-process.ts";
import type { HostCore } from "./core.ts";
import { probeHealth } from "./health.ts";
import { killGroup, spawnProcess, terminateProcess } from "./spawn.ts";

/** A deployment with its processes. */
export interface Deployment {
  readonly record: DeploymentRecord;
  /** The current process of each instance. */
  readonly processes: (AppProcess | undefined)[];
  /** No process is started any more. */
  isStopping: boolean;
  /** Times of the crashes within the window. */
  crashes: number[];
  /** Fires when `isStopping` becomes true. */
  readonly stopped: AbortController;
  /** Settles when every instance was healthy once; rejects with `start-failed`. */
  startup: Promise<void>;
}

export const terminationGraceMs = 10_000;
const crashWindowMs = 60_000;
const crashesInWindow = 5;
const shortestBackOffMs = 250;
const longestBackOffMs = 10_000;
const adoptionTimeoutMs = 5000;
const closingGraceMs = 5000;
/** A dark process with fewer copies of the public socket is replaced while it can still accept. */
const wornCopies = 4;
const wornRetryMs = 30_000;
/** How long the active deployment serves without a crash until it is no longer called failed. */
const recoveryMs = 30_000;
const pollIntervalMs = 50;

/**
 * Runs the instances of a deployment, beginning with the processes of it that live already. `isInitial`: a process that
 * does not become healthy fails the deployment; otherwise it is tried again.
 */
export function superviseDeployment(
  core: HostCore,
  record: DeploymentRecord,
  isInitial: boolean,
): Deployment {
  const deployment: Deployment = {
    record,
    processes: [],
    isStopping: false,
    crashes: [],
    stopped: new AbortController(),
    startup: Promise.resolve(),
  };
  const adopted = record.processes.filter(isRunning).map((process): AppProcess => {
    const wrapped = createAppProcess(process, () => {
      core.onProcessChange(record.id, wrapped);
    });
    return wrapped;
  });
  const starts = Array.from({ length: record.instances }, (_, index) => {
    const first = Promise.withResolvers<undefined>();
    const process = adopted.find((candidate) => candidate.record.index === index);
    deployment.processes[index] = process;
    runInstance(core, deployment, index, { isInitial, adopted: process, first }).catch((error: unknown) => {
      core.log(`instance ${String(index)} of ${record.id} is given up: ${messageOf(error)}`);
      first.reject(error);
    });
    return first.promise;
  });
  deployment.startup = Promise.all(starts).then(() => undefined);
  deployment.startup.catch(() => undefined);
  return deployment;
}

/** Stops starting processes and ends those that run, after `graceMs` by force. */
export async function endDeployment(
  core: HostCore,
  deployment: Deployment,
  graceMs = terminationGraceMs,
): Promise<void> {
  deployment.isStopping = true;
  deployment.stopped.abort();
  const wholeGroup = deployment.record.start.kind === "command";
  await Promise.all(
    deployment.processes.map(async (process) => {
      if (process !== undefined) await terminateProcess(core.clock, process, { graceMs, wholeGroup });
    }),
  );
  deployment.record.processes = [];
}

interface InstanceStart {
  isInitial: boolean;
  adopted: AppProcess | undefined;
  first: PromiseWithResolvers<undefined>;
}

async function runInstance(
  core: HostCore,
  deployment: Deployment,
  index: number,
  start: InstanceStart,
): Promise<void> {
  let { adopted } = start;
  let hasServed = false;
  while (!deployment.isStopping) {
    const outcome = await bringUp(core, deployment, index, adopted);
    const wasAdopted = adopted !== undefined;
    adopted = undefined;
    let reason = outcome.problem;
    if (outcome.problem === undefined) {
      hasServed = true;
      start.first.resolve(undefined);
      reason = await serve(core, deployment, index);
    }
    if (deployment.isStopping) break;
    if (start.isInitial && !hasServed && !wasAdopted) {
      start.first.reject(new FairleadError("start-failed", reason ?? "it ended"));
      return;
    }
    await afterCrash(core, deployment, index, reason ?? "it ended");
  }
  start.first.reject(new FairleadError("start-failed", "it was stopped while it started"));
}

/** Starts (or adopts) a process and waits until it is healthy; otherwise it is ended and the problem given. */
async function bringUp(
  core: HostCore,
  deployment: Deployment,
  index: number,
  adopted: AppProcess | undefined,
): Promise<{ problem?: string; process?: AppProcess }> {
  const { record } = deployment;
  let process = adopted;
  try {
    process ??= await spawnProcess(core, record, index);
  } catch (error) {
    return { problem: messageOf(error) };
  }
  follow(core, deployment, process, index);
  await core.save();
  if (adopted === undefined) {
    noteInLog(
      core.layout,
      record.id,
      `process ${String(process.record.pid)} started (instance ${String(index)})`,
    );
  }
  const problem = await becomeHealthy(core, deployment, process, adopted !== undefined);
  if (problem === undefined && process.endReason === undefined) {
    process.isReady = true;
    core.onProcessChange(record.id, process);
    return { process };
  }
  const wholeGroup = record.start.kind === "command";
  await terminateProcess(core.clock, process, { graceMs: terminationGraceMs, wholeGroup });
  return { problem: problem ?? process.endReason ?? "it ended" };
}

// Makes the process the current one of its instance and keeps the books at its end.
function follow(core: HostCore, deployment: Deployment, process: AppProcess, index: number): void {
  const { record } = deployment;
  deployment.processes[index] = process;
  record.processes = [...record.processes.filter(({ key }) => key !== process.record.key), process.record];
  void process.ended.then(() => {
    if (!process.isTerminating) killGroup(process);
    if (process.status !== undefined) {
      record.settled = addCounts(record.settled, settleCounts(process.status.counts));
    }
    record.processes = record.processes.filter(({ key }) => key !== process.record.key);
    return core.save().catch((error: unknown) => {
      core.log(`cannot write the state: ${messageOf(error)}`);
    });
  });
}

async function becomeHealthy(
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
      core.clock.sleep(Math.max(pollIntervalMs, Math.min(elapsedMs / 20, 500))),
    ]);
  }
}

/** Waits until the instance's process has to be replaced, and says why; a worn one is replaced without a gap. */
async function serve(core: HostCore, deployment: Deployment, index: number): Promise<string> {
  let closedSince: number | undefined;
  let nextReplacement = 0;
  const servesSince = core.clock.now();
  for (;;) {
    const process = deployment.processes[index];
    if (process === undefined) return "it ended";
    await Promise.race([process.ended, core.clock.sleep(500)]);
    if (process.endReason !== undefined) return process.endReason;
    if (deployment.isStopping) return "it is stopped";
    const now = core.clock.now();
    if (deployment.record.state === "failed" && now - servesSince > recoveryMs)
      noteRecovery(core, deployment.record);
    const { status } = process;
    if (status?.main === undefined && status !== undefined) {
      closedSince ??= now;
      if (now - closedSince > closingGraceMs) {
        const wholeGroup = deployment.record.start.kind === "command";
        await terminateProcess(core.clock, process, { graceMs: terminationGraceMs, wholeGroup });
        return "it closed its server and went on running";
      }
      continue;
    }
    closedSince = undefined;
    const isDark = !process.isWanted && status?.accepting === false && !status.draining;
    const isWorn = isDark && (status?.copies ?? 0) < wornCopies;
    if (!isWorn || now < nextReplacement) continue;
    nextReplacement = now + wornRetryMs;
    await replaceWorn(core, deployment, index, process);
  }
}

async function replaceWorn(
  core: HostCore,
  deployment: Deployment,
  index: number,
  worn: AppProcess,
): Promise<void> {
  // From here on a switch waits for the fresh one.
  worn.isReady = false;
  const fresh = await bringUp(core, deployment, index, undefined);
  if (fresh.process === undefined) {
    worn.isReady = true;
    core.log(`cannot replace process ${String(worn.record.pid)}: ${fresh.problem ?? ""}`);
    deployment.processes[index] = worn;
    return;
  }
  const wholeGroup = deployment.record.start.kind === "command";
  await terminateProcess(core.clock, worn, { graceMs: terminationGraceMs, wholeGroup });
}

async function afterCrash(
  core: HostCore,
  deployment: Deployment,
  index: number,
  reason: string,
): Promise<void> {
  const { record } = deployment;
  const now = core.clock.now();
  record.restarts[index] = (record.restarts[index] ?? 0) + 1;
  deployment.crashes = [...deployment.crashes.filter((time) => now - time < crashWindowMs), now];
  const isFailed = deployment.crashes.length > crashesInWindow;
  const delayMs = isFailed
    ? longestBackOffMs
    : Math.min(shortestBackOffMs * 2 ** (deployment.crashes.length - 1), longestBackOffMs);
  noteInLog(
    core.layout,
    record.id,
    `instance ${String(index)}: ${reason}; started again in ${String(delayMs)} ms`,
  );
  if (isFailed) {
    const times = `${String(deployment.crashes.length)} crashes in ${String(crashWindowMs / 1000)} s`;
    await noteFailure(core, record, `${times}, last: ${reason}`);
    if (core.state.active !== record.id) {
      void endDeployment(core, deployment).then(core.save);
      return;
    }
  }
  await core.save();
  await core.clock.sleep(delayMs, deployment.stopped.signal).catch(() => undefined);
}

/** Marks a deployment as failed, with the last lines of its log. */
export async function noteFailure(core: HostCore, record: DeploymentRecord, reason: string): Promise<void> {
  const secrets = secretsOf(await readVariables(core.layout, record.id));
  const lastLines = await lastLogLines(core.layout, record.id, 20, secrets);
  record.state = "failed";
  record.failure = { reason, lastLines };
  core.log(`${record.id} failed: ${reason}`);
}

function noteRecovery(core: HostCore, record: DeploymentRecord): void {
  record.state = "ready";
  delete record.failure;
  noteInLog(core.layout, record.id, "it serves again");
  void core.save().catch((error: unknown) => {
    core.log(`cannot write the state: ${messageOf(error)}`);
  });
}
