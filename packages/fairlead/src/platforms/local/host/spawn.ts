import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";

import {
  type Clock,
  entryPath,
  FairleadError,
  identifyProcess,
  isRunning,
  messageOf,
  waitFor,
} from "../../../kernel/index.ts";
import { hostFlags } from "../launch.ts";
import { deploymentLog } from "../layout.ts";
import { type AgentTask, agentVariable, socketCopies } from "../protocol.ts";
import { type DeploymentRecord, readVariables } from "../state.ts";
import { type AppProcess, createAppProcess } from "./app-process.ts";
import type { HostCore } from "./core.ts";

/** Starts one process of a deployment with its agent and the copies of the public socket. Errors: `start-failed`. */
export async function spawnProcess(
  core: HostCore,
  deployment: DeploymentRecord,
  index: number,
): Promise<AppProcess> {
  const stored = await readVariables(core.layout, deployment.id);
  const variables = Object.fromEntries(Object.entries(stored).map(([name, { value }]) => [name, value]));
  const key = randomBytes(8).toString("hex");
  const env = {
    ...core.config.baseVariables,
    NODE_ENV: "production",
    ...variables,
    PORT: String(core.config.port),
    HOSTNAME: "127.0.0.1",
    FAIRLEAD_ENVIRONMENT: core.config.environment,
    FAIRLEAD_DEPLOYMENT: deployment.id,
    FAIRLEAD_RELEASE: deployment.release.id,
    FAIRLEAD_VERSION: deployment.release.version,
    ...(deployment.release.sha === undefined ? {} : { FAIRLEAD_COMMIT: deployment.release.sha }),
    [agentVariable]: JSON.stringify(agentTask(core, deployment, key)),
  };
  if (statSync(deployment.directory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new FairleadError("start-failed", `the release's directory ${deployment.directory} is missing`);
  }
  const logPath = deploymentLog(core.layout, deployment.id);
  mkdirSync(dirname(logPath), { recursive: true, mode: 0o700 });
  // O_APPEND: several processes write to it, and it may be cut while they do.
  const log = openSync(logPath, "a", 0o600);
  const [program, ...args] = commandLine(core, deployment);
  const child = spawn(program, args, {
    cwd: deployment.directory,
    env,
    // A group of its own, so that what the application leaves behind can be ended with it.
    detached: true,
    stdio: ["ignore", log, log, ...Array.from({ length: socketCopies }, () => core.socketDescriptor)],
  });
  closeSync(log);
  const failure = new Promise<string>((resolve) => {
    child.once("error", (error) => {
      resolve(`cannot start ${program}: ${messageOf(error)}`);
    });
  });
  if (child.pid === undefined) throw new FairleadError("start-failed", await failure);
  const identity = identifyProcess(child.pid) ?? { pid: child.pid };
  const spawned = createAppProcess({ ...identity, key, index }, () => {
    core.onProcessChange(deployment.id);
  });
  child.once("exit", (code, signal) => {
    spawned.end(signal === null ? `it exited with code ${String(code)}` : `it was ended by ${signal}`);
  });
  return spawned;
}

/** Ends a process and what it left in its group: SIGTERM, and SIGKILL after the grace. */
export async function terminateProcess(
  clock: Clock,
  target: AppProcess,
  options: { graceMs: number; wholeGroup: boolean },
): Promise<void> {
  const { pid } = target.record;
  target.isTerminating = true;
  if (isRunning(target.record)) signal(options.wholeGroup ? -pid : pid, "SIGTERM");
  const isGone = () =>
    Promise.resolve(
      target.endReason === undefined || (options.wholeGroup && signal(-pid, 0)) ? undefined : true,
    );
  await waitFor(clock, isGone, { timeoutMs: options.graceMs, intervalMs: 20 });
  signal(-pid, "SIGKILL");
  await target.ended;
}

/** Ends what a process that is gone has left in its group. */
export function killGroup(target: AppProcess): void {
  signal(-target.record.pid, "SIGKILL");
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

function commandLine(core: HostCore, deployment: DeploymentRecord): [string, ...string[]] {
  const { start } = deployment;
  if (start.kind === "command") return [process.execPath, entryPath("platforms/local/forwarder/entry")];
  // The agent comes first: what the application's own preloads open has to be diverted too.
  return [
    core.config.nodePath,
    "--import",
    pathToFileURL(entryPath("platforms/local/agent/entry")).href,
    ...start.nodeArgs,
    start.entry,
    ...start.args,
  ];
}

function agentTask(core: HostCore, deployment: DeploymentRecord, key: string): AgentTask {
  const { config, layout } = core;
  return {
    deployment: deployment.id,
    key,
    controlSocket: layout.controlSocket,
    publicPort: config.port,
    copies: socketCopies,
    successor: {
      argv: [
        process.execPath,
        ...hostFlags,
        entryPath("platforms/local/host/entry"),
        layout.hostConfigFile,
        "inherited",
      ],
      env: config.baseVariables,
      cwd: config.root,
      logFile: layout.hostLogFile,
      lockFile: layout.successorLockFile,
      historyFile: layout.successorHistoryFile,
    },
    ...(deployment.start.kind === "command" ? { command: deployment.start.argv } : {}),
  };
}
