import { Buffer } from "node:buffer";
import { createServer } from "node:net";

import { codeOf, type Context, messageOf, type Problem } from "../../kernel/index.ts";
import { hasProcesses, pingHost } from "./launch.ts";
import type { Layout } from "./layout.ts";
import { findPortHolder } from "./port-holder.ts";
import type { HostConfig } from "./state.ts";

/** Longest path of a unix socket: 107 bytes on Linux, 103 on macOS (unix(7)). */
const longestSocketPath = process.platform === "linux" ? 107 : 103;

/** What would keep the environment's host from running: a taken port, a socket path that is too long, another version. */
export async function checkEnvironment(
  context: Context,
  layout: Layout,
  config: HostConfig,
): Promise<Problem[]> {
  const where = `environment ${layout.environment}`;
  if (Buffer.byteLength(layout.controlSocket) > longestSocketPath) {
    const message = `the path of the control socket is too long: ${layout.controlSocket}`;
    return [{ where, message, remedy: "set TMPDIR to a shorter path" }];
  }
  try {
    const ping = await pingHost(context, layout);
    if (ping !== undefined) return addressProblems(where, ping, config);
  } catch (error) {
    return [{ where, message: messageOf(error), remedy: "run `fairlead down`, then `fairlead up`" }];
  }
  if (await hasProcesses(layout)) return [];
  const problem = await tryPort(config);
  return problem === undefined ? [] : [{ where, ...problem }];
}

function addressProblems(where: string, ping: { host: string; port: number }, config: HostConfig): Problem[] {
  if (ping.port === config.port && ping.host === config.host) return [];
  const message = `its host serves ${ping.host}:${String(ping.port)}, the configuration says ${String(config.port)}`;
  return [{ where, message, remedy: "run `fairlead down`, then `fairlead up`" }];
}

async function tryPort(config: HostConfig): Promise<Omit<Problem, "where"> | undefined> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ port: config.port, host: config.host }, resolve);
    });
    await new Promise((resolve) => server.close(resolve));
    return undefined;
  } catch (error) {
    if (codeOf(error) !== "EADDRINUSE") return { message: `cannot bind ${config.host}: ${messageOf(error)}` };
    const holder = await findPortHolder(config.port);
    const by = holder === undefined ? "" : ` by ${holder}`;
    const remedy = "end that program, or set another port for this environment in fairlead.config.ts";
    return { message: `port ${String(config.port)} is in use${by}`, remedy };
  }
}
