import { FairleadError, messageOf, waitFor } from "../../../kernel/index.ts";
import type { HostCore } from "./core.ts";
import type { Fleet } from "./fleet.ts";
import { forgetOldDeployments, forgetVariables } from "./retention.ts";
import { endDeployment } from "./supervision.ts";

/** How long the agents of adopted processes have to come back before their processes are ended. */
const linkWaitMs = 3000;

/** Ends a deployment after what is in flight; nothing happens when it does not run. Errors: `deployment-active`. */
export async function stopDeployment(core: HostCore, fleet: Fleet, id: string): Promise<void> {
  const record = fleet.recordOf(id);
  if (record === undefined) return;
  if (core.state.active === id) throw deploymentActive(id);
  const deployment = fleet.running.get(id);
  if (deployment !== undefined) {
    deployment.isStopping = true;
    const now = core.clock.now();
    const spentMs = now - (record.releasedAt ?? now);
    await drain(core, fleet, id, {
      drainTimeoutMs: Math.max(0, record.drainTimeoutMs - spentMs),
      quick: false,
    });
    await endDeployment(core, deployment);
    if (fleet.running.get(id) === deployment) fleet.running.delete(id);
  }
  // Only now: a successor of a host that dies meanwhile adopts what still drains.
  record.state = "stopped";
  record.processes = [];
  await forgetVariables(core.layout, id);
  await forgetOldDeployments(core);
  await core.save();
}

/** Ends every process after what is in flight; what was ready and active stays written down, for `restore`. */
export async function endAll(core: HostCore, fleet: Fleet): Promise<void> {
  const { state } = core;
  state.isGoingDown = true;
  for (const record of state.deployments) if (record.state === "starting") record.state = "stopped";
  await core.save();
  fleet.accepting = new Set();
  await Promise.all(
    [...fleet.running].map(async ([id, deployment]) => {
      deployment.isStopping = true;
      const { drainTimeoutMs } = deployment.record;
      for (const process of fleet.processesOf(id)) process.bye();
      await drain(core, fleet, id, { drainTimeoutMs, quick: true });
      await endDeployment(core, deployment);
    }),
  );
  fleet.running.clear();
  state.isGoingDown = false;
  await core.save();
}

// Each process is told to release, even if it should have been: after a crash of the host it may accept still, and only
// what it reports after this order is known to be the end.
async function drain(
  core: HostCore,
  fleet: Fleet,
  id: string,
  options: { drainTimeoutMs: number; quick: boolean },
): Promise<void> {
  const processes = fleet.processesOf(id);
  const isLinked = () => Promise.resolve(processes.every((process) => process.isLinked()) || undefined);
  await waitFor(core.clock, isLinked, { timeoutMs: linkWaitMs, intervalMs: 20 });
  const releases = processes.map((process) => process.order({ type: "release", ...options }));
  for (const outcome of await Promise.allSettled(releases)) {
    if (outcome.status === "rejected") core.log(messageOf(outcome.reason));
  }
  await fleet.waitUntilDrained(id, options.drainTimeoutMs);
}

function deploymentActive(id: string): FairleadError {
  return new FairleadError("deployment-active", `${id} answers the public address and cannot be stopped`, {
    hint: "Switch to another deployment first, or stop the environment with `fairlead down`.",
  });
}
