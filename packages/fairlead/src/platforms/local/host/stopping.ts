import { FairleadError } from "../../../kernel/index.ts";
import type { HostCore } from "./core.ts";
import type { Fleet } from "./fleet.ts";
import { forgetOldDeployments, forgetVariables } from "./retention.ts";
import { endDeployment } from "./supervision.ts";

/** Ends a deployment after what is in flight; nothing happens when it does not run. Errors: `deployment-active`. */
export async function stopDeployment(core: HostCore, fleet: Fleet, id: string): Promise<void> {
  const record = fleet.recordOf(id);
  if (record === undefined) return;
  if (core.state.active === id) throw deploymentActive(id);
  const deployment = fleet.running.get(id);
  record.state = "stopped";
  if (deployment !== undefined) {
    deployment.isStopping = true;
    const now = core.clock.now();
    const spentMs = now - (record.releasedAt ?? now);
    await fleet.waitUntilDrained(id, Math.max(0, record.drainTimeoutMs - spentMs));
    await endDeployment(core, deployment);
    if (fleet.running.get(id) === deployment) fleet.running.delete(id);
  }
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
      for (const process of fleet.processesOf(id)) {
        process.bye();
        await process.order({ type: "release", drainTimeoutMs, quick: true }).catch(() => undefined);
      }
      await fleet.waitUntilDrained(id, drainTimeoutMs);
      await endDeployment(core, deployment);
    }),
  );
  fleet.running.clear();
  state.isGoingDown = false;
  await core.save();
}

function deploymentActive(id: string): FairleadError {
  return new FairleadError("deployment-active", `${id} answers the public address and cannot be stopped`, {
    hint: "Switch to another deployment first, or stop the environment with `fairlead down`.",
  });
}
