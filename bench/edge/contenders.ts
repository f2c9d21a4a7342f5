import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import type { Context } from "../../packages/fairlead/src/kernel/index.ts";
import { startFairlead } from "./fairlead.ts";
import { type ProxyRequest, startCaddy, startNginx, startNodeProxy } from "./proxies.ts";
import { findFreePort, type Server, startServer } from "./server.ts";

export const bareName = "bare";
export const ownName = "fairlead";

/** A way to the same application. */
export interface Contender {
  name: string;
  /** Starts it with all that belongs to it, in a folder of its own. */
  start(context: Context, place: { directory: string; processes: number }): Promise<Server>;
}

/** The application alone, on the local platform, and behind each proxy. */
export function listContenders(programs: { nginx: string; caddy: string }): Contender[] {
  return [
    { name: bareName, start: (context, { processes }) => startApplication(context, processes) },
    {
      name: ownName,
      start: async (context, place) => startFairlead(context, { ...place, port: await findFreePort() }),
    },
    inFront("nginx", (context, request) => startNginx(context, programs.nginx, request)),
    inFront("Caddy", (context, request) => startCaddy(context, programs.caddy, request)),
    inFront("Node.js proxy", startNodeProxy),
  ];
}

async function startApplication(context: Context, processes: number): Promise<Server> {
  const argv = [process.execPath, join(import.meta.dirname, "app.mjs")];
  const env = { BENCH_PROCESSES: String(processes) };
  return startServer(context, { name: "the application", argv, port: await findFreePort(), env });
}

function inFront(
  name: string,
  startProxy: (context: Context, request: ProxyRequest) => Promise<Server>,
): Contender {
  const start: Contender["start"] = async (context, { directory, processes }) => {
    await mkdir(directory, { recursive: true });
    const application = await startApplication(context, processes);
    try {
      const port = await findFreePort();
      const proxy = await startProxy(context, { directory, processes, port, appPort: application.port });
      const stop = async () => {
        await proxy.stop();
        await application.stop();
      };
      return { port, groups: [...application.groups, ...proxy.groups], stop };
    } catch (error) {
      await application.stop();
      throw error;
    }
  };
  return { name, start };
}
