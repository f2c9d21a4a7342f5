import { rm } from "node:fs/promises";

import { deploymentLog, type Layout, variablesFile } from "../layout.ts";
import { removeLog } from "../log-files.ts";
import type { HostCore } from "./core.ts";

/** How many deployments that ended are kept, with their logs. */
const keptDeployments = 20;

/** Removes the variables of a deployment that runs no more. */
export async function forgetVariables(layout: Layout, deploymentId: string): Promise<void> {
  await rm(variablesFile(layout, deploymentId), { force: true });
}

/** Forgets the oldest deployments that ended, and removes their logs; never the active or the previous one. */
export async function forgetOldDeployments(core: HostCore): Promise<void> {
  const { state, layout } = core;
  const ended = state.deployments.filter(
    ({ id, state: own }) =>
      (own === "stopped" || own === "failed") && id !== state.active && id !== state.previous,
  );
  const forgotten = new Set(ended.slice(keptDeployments).map(({ id }) => id));
  state.deployments = state.deployments.filter(({ id }) => !forgotten.has(id));
  for (const id of forgotten) await removeLog(deploymentLog(layout, id));
}
