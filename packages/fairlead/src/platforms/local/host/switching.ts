import { FairleadError, messageOf, waitFor } from "../../../kernel/index.ts";
import type { DeploymentRecord } from "../state.ts";
import type { AppProcess } from "./app-process.ts";
import { type HostCore, trySave } from "./core.ts";
import type { Fleet } from "./fleet.ts";
import { endDeployment } from "./supervision.ts";

/** How long a switch waits for processes that are just being restarted or replaced. */
const readyWaitMs = 10_000;
/** How long it waits for processes of the old deployment that have lost their host and are about to find this one. */
const linkWaitMs = 3000;

/** Gives the public address to a deployment: it accepts, that is written down, the one before releases. Errors: `not-ready`. */
export async function switchTo(
  core: HostCore,
  fleet: Fleet,
  deploymentId: string,
): Promise<{ from?: string; tookMs: number }> {
  const startedAt = performance.now();
  const next = fleet.recordOf(deploymentId);
  if (next === undefined) throw notReady(deploymentId, "unknown");
  if (core.state.active === next.id) return { tookMs: performance.now() - startedAt };
  await waitUntilReady(core, fleet, next);
  const from = await activate(core, fleet, next);
  const tookMs = performance.now() - startedAt;
  if (from !== undefined) await retire(core, fleet, from);
  fleet.reconcile();
  return { ...(from === undefined ? {} : { from }), tookMs };
}

async function waitUntilReady(core: HostCore, fleet: Fleet, record: DeploymentRecord): Promise<void> {
  const probe = () => {
    const processes = fleet.running.get(record.id)?.processes ?? [];
    const isReady = record.state === "ready" && processes.length > 0 && processes.every(canAccept);
    return Promise.resolve(isReady ? true : undefined);
  };
  const timeoutMs = record.state === "ready" && fleet.running.has(record.id) ? readyWaitMs : 0;
  if ((await waitFor(core.clock, probe, { timeoutMs, intervalMs: 20 })) === true) return;
  throw notReady(record.id, record.state === "ready" ? "not healthy at the moment" : record.state);
}

function canAccept(process: AppProcess | undefined): boolean {
  return process?.isReady === true && process.isLinked() && (process.status?.copies ?? 0) > 1;
}

/** Lets the next deployment accept beside the active one, and writes down that it is the active one now. */
async function activate(core: HostCore, fleet: Fleet, next: DeploymentRecord): Promise<string | undefined> {
  const { state } = core;
  const { active: from, previous } = state;
  fleet.accepting = new Set([...fleet.accepting, next.id]);
  try {
    await Promise.all(
      fleet.processesOf(next.id).map((process) => fleet.setAccepting(next.id, process, true)),
    );
    state.active = next.id;
    if (from !== undefined) state.previous = from;
    next.activatedAt = new Date(core.clock.now()).toISOString();
    await core.save();
  } catch (error) {
    if (from === undefined) delete state.active;
    else state.active = from;
    if (previous === undefined) delete state.previous;
    else state.previous = previous;
    fleet.accepting = new Set(from === undefined ? [] : [from]);
    fleet.reconcile();
    throw error;
  }
  fleet.accepting = new Set([next.id]);
  return from;
}

async function retire(core: HostCore, fleet: Fleet, id: string): Promise<void> {
  const record = fleet.recordOf(id);
  if (record !== undefined) record.releasedAt = core.clock.now();
  // After the host died its processes come back one by one; one that has not yet would go on accepting for a moment.
  const areLinked = () => fleet.processesOf(id).every((process) => process.isLinked());
  const probe = () => Promise.resolve(areLinked() ? true : undefined);
  await waitFor(core.clock, probe, { timeoutMs: linkWaitMs, intervalMs: 20 });
  const releases = fleet.processesOf(id).map((process) => fleet.setAccepting(id, process, false));
  for (const outcome of await Promise.allSettled(releases)) {
    // It does not answer: it is told again as soon as it does (reconcile).
    if (outcome.status === "rejected") core.log(messageOf(outcome.reason));
  }
  const deployment = fleet.running.get(id);
  if (record?.state !== "failed" || deployment === undefined) return;
  // It was tried again only for as long as it was the active one.
  void endDeployment(core, deployment).then(() => {
    fleet.running.delete(id);
    return trySave(core);
  });
}

function notReady(id: string, state: string): FairleadError {
  return new FairleadError("not-ready", `${id} cannot become active: it is ${state}`, {
    hint: "Start it first; only a deployment that is ready can be switched to.",
  });
}
