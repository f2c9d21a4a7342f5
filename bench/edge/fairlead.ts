import { rm } from "node:fs/promises";

import { type Context, socketDirectory, withSignal } from "../../packages/fairlead/src/kernel/index.ts";
import {
  createLocalPlatform,
  type InstanceView,
  type StartRequest,
} from "../../packages/fairlead/src/platforms/index.ts";
import { parentOf } from "./cpu.ts";
import type { Server } from "./server.ts";

const environment = "production";

/** Deploys the application on the local platform: what is loaded is the environment's public address. */
export async function startFairlead(
  context: Context,
  request: { directory: string; port: number; processes: number },
): Promise<Server> {
  const { directory: root, port, processes } = request;
  const platform = createLocalPlatform({
    root,
    environments: { [environment]: { port, host: "127.0.0.1" } },
  });
  const stop = async () => {
    // Also after Ctrl-C.
    await platform.hosting?.down(withSignal(context, new AbortController().signal), environment);
    await rm(socketDirectory(root), { recursive: true, force: true });
  };
  try {
    const { instances } = await platform.start(context, startRequest(processes));
    await platform.switch(context, { environment, deploymentId: "bench" });
    return { port, groups: groupsOf(instances), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

// The host leads a group of its own as each application process does, and has started them.
function groupsOf(instances: readonly InstanceView[]): number[] {
  const pids = instances.map(({ pid }) => pid);
  const hosts = pids.map(parentOf).filter((pid) => pid !== undefined);
  return [...new Set([...pids, ...hosts])];
}

function startRequest(processes: number): StartRequest {
  return {
    environment,
    deploymentId: "bench",
    release: { id: "bench", version: "1.0.0" },
    directory: import.meta.dirname,
    start: { kind: "node", entry: "app.mjs", args: [], nodeArgs: [] },
    health: { path: "/", timeoutMs: 15_000 },
    instances: processes,
    variables: {},
    drainTimeoutMs: 2000,
  };
}
