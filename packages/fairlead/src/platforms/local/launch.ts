import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { rm } from "node:fs/promises";
import type { Readable } from "node:stream";

import {
  type Context,
  entryPath,
  FairleadError,
  isRunning,
  messageOf,
  signalProcess,
  waitForExit,
  writeAtomically,
} from "../../kernel/index.ts";
import { askHost, isHostGone, toError } from "./client.ts";
import type { Layout } from "./layout.ts";
import { lastLinesOfFile } from "./log-files.ts";
import { type HostFailure, protocolVersion } from "./protocol.ts";
import { type HostConfig, readState } from "./state.ts";

interface Ping {
  pid: number;
  protocolVersion: number;
  port: number;
  host: string;
}

const pingTimeoutMs = 5000;
const launchTimeoutMs = 20_000;
const retryIntervalMs = 150;
const remainsGraceMs = 5000;

/** The variables that processes inherit from whoever starts the host; everything else comes from the configuration. */
const inheritedVariables = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ", "TMPDIR"];

/** The host's answer to a ping; `undefined` when there is none. Errors: `host-outdated`. */
export async function pingHost(context: Context, layout: Layout): Promise<Ping | undefined> {
  try {
    const ping = await askHost<Ping>(context, layout.controlSocket, "ping", {}, pingTimeoutMs);
    if (ping.protocolVersion === protocolVersion) return ping;
  } catch (error) {
    if (isHostGone(error)) return undefined;
    throw error;
  }
  throw new FairleadError(
    "host-outdated",
    `the host of ${layout.environment} is of another version of fairlead`,
    {
      exit: "environment",
      hint: "Run `fairlead down` and `fairlead up`.",
    },
  );
}

/**
 * Makes sure that the environment's host answers: starts one, or waits for the successor that the application's
 * processes start. Errors: `port-in-use`, `bind-failed`, `host-start-failed`, `host-outdated`, `port-changed`.
 */
export async function ensureHost(context: Context, layout: Layout, config: HostConfig): Promise<void> {
  const deadline = context.clock.now() + launchTimeoutMs;
  let last: HostFailure | undefined;
  for (;;) {
    const ping = await pingHost(context, layout);
    if (ping !== undefined) {
      checkAddress(ping, config);
      return;
    }
    if (context.clock.now() > deadline) break;
    last = await launch(layout, config);
    const isWaiting = last?.code === "host-busy" || last?.code === "successor-expected";
    if (last !== undefined && !isWaiting) throw toError(last);
    // The processes start so many successors a minute by themselves; a command that asks is a reason for one more.
    if (last?.code === "successor-expected") await rm(layout.successorHistoryFile, { force: true });
    await context.clock.sleep(retryIntervalMs, context.signal);
  }
  throw new FairleadError("host-start-failed", `the host of ${layout.environment} does not answer`, {
    exit: "environment",
    details: [last?.message ?? "", ...(await lastLinesOfFile(layout.hostLogFile, 10))].filter(Boolean),
    hint: "Run `fairlead down` to end what is left of it, then `fairlead up`.",
  });
}

/** Whether application processes of an environment live, with or without a host. */
export async function hasProcesses(layout: Layout): Promise<boolean> {
  const { deployments } = await readState(layout);
  return deployments.some(({ processes }) => processes.some(isRunning));
}

/** Ends the processes that are left of an environment without a host: SIGTERM, and SIGKILL after a while. */
export async function endRemains(context: Context, layout: Layout): Promise<void> {
  const { deployments } = await readState(layout);
  const left = deployments.flatMap(({ processes }) => processes).filter(isRunning);
  await Promise.all(
    left.map(async (identity) => {
      signalProcess(identity, "SIGTERM");
      await waitForExit(context.clock, identity, remainsGraceMs);
      try {
        process.kill(-identity.pid, "SIGKILL");
      } catch {
        // Nothing of it is left.
      }
      await waitForExit(context.clock, identity, remainsGraceMs);
    }),
  );
}

function checkAddress(ping: Ping, config: HostConfig): void {
  if (ping.port === config.port && ping.host === config.host) return;
  const is = `${ping.host}:${String(ping.port)}`;
  const wanted = `${config.host}:${String(config.port)}`;
  throw new FairleadError("port-changed", `the host of ${config.environment} serves ${is}, not ${wanted}`, {
    exit: "environment",
    hint: "Run `fairlead down` and `fairlead up` to move it.",
  });
}

/** Starts a host and waits for its first report; gives what went wrong. */
async function launch(layout: Layout, config: HostConfig): Promise<HostFailure | undefined> {
  mkdirSync(layout.directory, { recursive: true, mode: 0o700 });
  await writeAtomically(layout.hostConfigFile, JSON.stringify(config), { mode: 0o600 });
  const log = openSync(layout.hostLogFile, "a", 0o600);
  const child = spawn(
    process.execPath,
    [...hostFlags, entryPath("platforms/local/host/entry"), layout.hostConfigFile, "bind"],
    {
      cwd: config.root,
      env: config.baseVariables,
      detached: true,
      stdio: ["ignore", log, log, "pipe"],
    },
  );
  closeSync(log);
  child.unref();
  const pipe = child.stdio[3] as Readable;
  return new Promise((resolve) => {
    let text = "";
    const timer = setTimeout(() => {
      pipe.destroy();
      resolve({ code: "host-busy", message: "the host has not reported yet" });
    }, pingTimeoutMs);
    pipe.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    pipe.on("close", () => {
      clearTimeout(timer);
      resolve(readReport(text));
    });
    pipe.on("error", () => undefined);
    child.on("error", (error) => {
      clearTimeout(timer);
      resolve({ code: "host-start-failed", message: `cannot start the host: ${messageOf(error)}` });
    });
  });
}

/** Flags of every host process: its lock is an SQLite file, and a warning about that helps nobody. */
export const hostFlags = ["--disable-warning=ExperimentalWarning"];

/** The inherited variables that are set. */
export function pickBaseVariables(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    inheritedVariables.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function readReport(text: string): HostFailure | undefined {
  if (text.trim() === "") return { code: "host-busy", message: "the host ended without a report" };
  const report = JSON.parse(text) as { error?: HostFailure };
  return report.error;
}
