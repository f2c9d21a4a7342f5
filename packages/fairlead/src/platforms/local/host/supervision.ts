import { FairleadError, isRunning, messageOf } from "../../../kernel/index.ts";
import { addCounts, settleCounts } from "../counts.ts";
import { noteInLog } from "../log-files.ts";
import type { DeploymentRecord } from "../state.ts";
import { type AppProcess, createAppProcess } from "./app-process.ts";
import { type HostCore, trySave } from "./core.ts";
import { noteCrash, noteRecovery } from "./crashes.ts";
import type { Deployment } from "./deployment.ts";
import { becomeHealthy } from "./readiness.ts";
import { killGroup, spawnProcess, terminateProcess } from "./spawn.ts";

const terminationGraceMs = 10_000;
const closingGraceMs = 5000;
/** A dark process with fewer copies of the public socket is replaced while it can still accept. */
const wornCopies = 4;
const wornRetryMs = 30_000;
/** How long the active deployment serves without a crash until it is no longer called failed. */
const recoveryMs = 30_000;

/**
 * Runs the instances of a deployment, beginning with the processes of it that live already. `isInitial`: a process that
 * does not become healthy fails the deployment; otherwise it is tried again.
 */
export function superviseDeployment(
  core: HostCore,
  record: DeploymentRecord,
  isInitial: boolean,
): Deployment {
  const deployment = newDeployment(record);
  const adopted = adoptProcesses(core, record);
  const starts = Array.from({ length: record.instances }, (_, index) => {
    const first = Promise.withResolvers<undefined>();
    const process = adopted[index];
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

/** Adopts the living processes of a deployment that is to end, without starting any. */
export function adoptRemains(core: HostCore, record: DeploymentRecord): Deployment {
  const deployment = newDeployment(record);
  deployment.isStopping = true;
  adoptProcesses(core, record).forEach((process, index) => {
    if (process !== undefined) follow(core, deployment, process, index);
  });
  return deployment;
}

function newDeployment(record: DeploymentRecord): Deployment {
  return {
    record,
    processes: [],
    isStopping: false,
    crashes: [],
    stopped: new AbortController(),
    startup: Promise.resolve(),
  };
}

/** The living processes of a deployment by their instance; a second one of the same instance is ended. */
function adoptProcesses(core: HostCore, record: DeploymentRecord): (AppProcess | undefined)[] {
  const adopted: (AppProcess | undefined)[] = [];
  for (const recorded of record.processes.filter(isRunning)) {
    const process = createAppProcess(recorded, () => {
      core.onProcessChange(record.id);
    });
    if (adopted[recorded.index] === undefined && recorded.index < record.instances)
      adopted[recorded.index] = process;
    else killGroup(process);
  }
  return adopted;
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

// As a call: it may have changed during each wait.
function isStopping(deployment: Deployment): boolean {
  return deployment.isStopping;
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
  while (!isStopping(deployment)) {
    const outcome = await bringUp(core, deployment, index, adopted);
    const wasAdopted = adopted !== undefined;
    adopted = undefined;
    let reason: string | undefined = outcome.problem;
    if (outcome.problem === undefined) {
      hasServed = true;
      start.first.resolve(undefined);
      reason = await serve(core, deployment, index);
    }
    if (isStopping(deployment)) break;
    if (start.isInitial && !hasServed && !wasAdopted) {
      start.first.reject(new FairleadError("start-failed", reason ?? "it ended"));
      return;
    }
    const delayMs = await noteCrash(core, deployment, index, reason ?? "it ended");
    if (delayMs === undefined) {
      await endDeployment(core, deployment);
      await trySave(core);
      break;
    }
    await core.clock.sleep(delayMs, deployment.stopped.signal).catch(() => undefined);
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
  await trySave(core);
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
    core.onProcessChange(record.id);
    return { process };
  }
  // Whoever stops the deployment ends its processes, after what is in flight.
  if (!isStopping(deployment)) {
    const wholeGroup = record.start.kind === "command";
    await terminateProcess(core.clock, process, { graceMs: terminationGraceMs, wholeGroup });
  }
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
    return trySave(core);
  });
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
    if (status === undefined) continue;
    if (status.main === undefined) {
      closedSince ??= now;
      if (now - closedSince > closingGraceMs) {
        const wholeGroup = deployment.record.start.kind === "command";
        await terminateProcess(core.clock, process, { graceMs: terminationGraceMs, wholeGroup });
        return "it closed its server and went on running";
      }
      continue;
    }
    closedSince = undefined;
    const isDark = !process.isWanted && !status.accepting && !status.draining;
    const isWorn = isDark && status.copies < wornCopies;
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
