import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  type Context,
  isRunning,
  readJson,
  Secret,
  socketDirectory,
  testContext,
} from "../../../kernel/index.ts";
import type { Platform, StartRequest } from "../../port.ts";
import { pingHost } from "../launch.ts";
import { type Layout, layoutOf } from "../layout.ts";
import { createLocalPlatform } from "../platform.ts";
import type { EnvironmentRecord } from "../state.ts";

export const fixtureDirectory = join(import.meta.dirname, "fixtures");

/** A project in a temporary folder with one environment, `production`, on a free port. */
export interface Project {
  root: string;
  port: number;
  origin: string;
  platform: Platform;
  context: Context;
  layout: Layout;
  request(id: string, version: string, parts?: RequestParts): StartRequest;
  start(id: string, version: string, parts?: RequestParts): ReturnType<Platform["start"]>;
  switchTo(id: string): ReturnType<Platform["switch"]>;
  stop(id: string): Promise<void>;
  observe(): ReturnType<Platform["observe"]>;
  /** What the public address answers, on a new connection. */
  ask(path?: string): Promise<string | undefined>;
  hostPid(): Promise<number>;
  dispose(): Promise<void>;
}

export interface RequestParts extends Partial<Omit<StartRequest, "variables">> {
  mode?: string;
  variables?: Record<string, string>;
}

export async function createProject(): Promise<Project> {
  const root = await mkdtemp(join(tmpdir(), "fairlead-local-"));
  const port = await findFreePort();
  const context = testContext();
  const platform = createLocalPlatform({
    root,
    environments: { production: { port, host: "127.0.0.1" } },
    backOff: { shortestMs: 50, longestMs: 1000 },
  });
  const layout = layoutOf(root, "production");
  const origin = `http://127.0.0.1:${String(port)}`;
  const request = (id: string, version: string, parts: RequestParts = {}): StartRequest => {
    const { mode = "", variables = {}, ...rest } = parts;
    return {
      environment: "production",
      deploymentId: id,
      release: { id: `release-${version}`, version },
      directory: fixtureDirectory,
      start: { kind: "node", entry: "app.cjs", args: [], nodeArgs: [] },
      health: { path: "/health", timeoutMs: 15_000 },
      instances: 1,
      variables: {
        APP_VERSION: version,
        APP_MODE: mode,
        APP_SECRET: new Secret("correct-horse-battery"),
        ...variables,
      },
      drainTimeoutMs: 5000,
      ...rest,
    };
  };
  return {
    root,
    port,
    origin,
    platform,
    context,
    layout,
    request,
    start: (id, version, parts) => platform.start(context, request(id, version, parts)),
    switchTo: (deploymentId) => platform.switch(context, { environment: "production", deploymentId }),
    stop: (deploymentId) => platform.stop(context, { environment: "production", deploymentId }),
    observe: () => platform.observe(context, "production"),
    async ask(path = "/") {
      try {
        const response = await fetch(`${origin}${path}`, { headers: { connection: "close" } });
        return await response.text();
      } catch {
        return undefined;
      }
    },
    async hostPid() {
      const ping = await pingHost(context, layout);
      if (ping === undefined) throw new Error("there is no host");
      return ping.pid;
    },
    async dispose() {
      await platform.hosting?.down(context, "production");
      const state = await readJson<EnvironmentRecord>(layout.stateFile);
      const left = state?.deployments.flatMap(({ processes }) => processes).filter(isRunning) ?? [];
      await rm(root, { recursive: true, force: true });
      await rm(socketDirectory(root), { recursive: true, force: true });
      if (left.length > 0)
        throw new Error(`processes are left: ${left.map(({ pid }) => String(pid)).join(", ")}`);
    },
  };
}

/** A TCP port of 127.0.0.1 that was free a moment ago. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("there is no free port");
  return address.port;
}

/** The environment that a process was started with (Linux). */
export function readEnvironment(pid: number): string {
  return readFileSync(`/proc/${String(pid)}/environ`, "utf8");
}

/** Calls until the value is as wanted, or fails after 20 s. */
export async function eventually<T>(read: () => Promise<T>, isWanted: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const value = await read();
    if (isWanted(value)) return value;
    if (Date.now() > deadline) throw new Error(`it did not come to be: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
