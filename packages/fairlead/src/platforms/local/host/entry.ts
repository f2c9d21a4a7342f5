// The process of an environment's host: `node host/entry.ts <config file> bind|inherited`. With `bind` it makes the
// public socket and reports on descriptor 3 how that went; with `inherited` descriptor 3 is the public socket.
import { closeSync, fstatSync, mkdirSync, writeSync } from "node:fs";

import { FairleadError, isRunning, messageOf, readJson, systemClock } from "../../../kernel/index.ts";
import { deploymentLog, layoutOf } from "../layout.ts";
import { rotateLog } from "../log-files.ts";
import { findPortHolder } from "../port-holder.ts";
import { firstSocketDescriptor, protocolVersion } from "../protocol.ts";
import { type EnvironmentRecord, type HostConfig, readState } from "../state.ts";
import { describeFailure, openControlServer } from "./control.ts";
import { createSave, type HostCore } from "./core.ts";
import { createHost, type TargetParams } from "./host.ts";
import { takeHostLock } from "./lock.ts";
import { bindPublicSocket, type PublicSocket } from "./public-socket.ts";
import type { StartParams } from "./starting.ts";

const maintenanceIntervalMs = 2000;
const reportDescriptor = 3;

const [configFile = "", mode = "bind"] = process.argv.slice(2);
const isInherited = mode === "inherited";

try {
  await run();
} catch (error) {
  log(`cannot start: ${messageOf(error)}`);
  report({ error: describeFailure(error) });
  process.exitCode = 1;
}

async function run(): Promise<void> {
  const config = await readJson<HostConfig>(configFile);
  if (config === undefined) throw new FairleadError("host-config-missing", `${configFile} is missing`);
  const layout = layoutOf(config.root, config.environment);
  mkdirSync(layout.logDirectory, { recursive: true, mode: 0o700 });
  const lock = takeHostLock(layout.hostLockFile);
  if (lock === undefined) {
    report({ error: { code: "host-busy", message: "another process is the host already" } });
    return;
  }
  const state = await readState(layout);
  const publicSocket = isInherited
    ? { descriptor: firstSocketDescriptor, close: () => undefined }
    : await bind(config, state);
  const core: HostCore = {
    clock: systemClock,
    config,
    layout,
    state,
    socketDescriptor: publicSocket.descriptor,
    socketInode: process.platform === "linux" ? fstatSync(publicSocket.descriptor).ino : 0,
    save: createSave(layout, state),
    onProcessChange: () => undefined,
    log,
  };
  await serve(core, publicSocket);
}

async function serve(core: HostCore, publicSocket: PublicSocket): Promise<void> {
  const host = createHost(core);
  const shutDown = async () => {
    await host.down();
    setImmediate(() => void leave());
  };
  // Before the control socket opens: an agent that comes back must find its process known.
  host.restore();
  const control = await openControlServer(core, host, {
    ping: () =>
      Promise.resolve({ pid: process.pid, protocolVersion, port: core.config.port, host: core.config.host }),
    view: () => Promise.resolve(host.view()),
    start: (params) => host.start(params as StartParams),
    switch: (params) => host.switch(params as TargetParams),
    stop: (params) => host.stop(params as TargetParams),
    up: () => host.up(),
    down: shutDown,
  });
  const maintenance = setInterval(() => void maintain(), maintenanceIntervalMs);
  const maintain = async () => {
    try {
      await control.repair();
      for (const { id } of core.state.deployments) await rotateLog(deploymentLog(core.layout, id));
      await rotateLog(core.layout.hostLogFile);
    } catch (error) {
      log(`maintenance: ${messageOf(error)}`);
    }
  };
  const leave = async () => {
    clearInterval(maintenance);
    await control.close();
    publicSocket.close();
    log("stopped");
    process.exit(0);
  };
  process.on("SIGHUP", () => undefined);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void shutDown());
  log(`serving ${core.config.environment} on ${core.config.host}:${String(core.config.port)} (${mode})`);
  report({ pid: process.pid });
  // The host before this one was killed while it went down.
  if (core.state.isGoingDown) void shutDown();
}

async function bind(config: HostConfig, state: EnvironmentRecord): Promise<PublicSocket> {
  const living = state.deployments.flatMap(({ processes }) => processes).filter(isRunning);
  if (living.length > 0 && !state.isGoingDown) {
    // They hold the public socket, and one of them is about to start a host that inherits it.
    throw new FairleadError("successor-expected", "processes of this environment are running without a host");
  }
  for (const identity of living) process.kill(-identity.pid, "SIGKILL");
  state.isGoingDown = false;
  try {
    return bindPublicSocket(config.host, config.port);
  } catch (error) {
    if (!(error instanceof FairleadError) || error.code !== "port-in-use") throw error;
    const holder = await findPortHolder(config.port);
    const by = holder === undefined ? "" : ` by ${holder}`;
    const place = `port ${String(config.port)} of ${config.environment}`;
    throw new FairleadError("port-in-use", `${place} is in use${by}`, {
      exit: "environment",
      hint: "End that program, or set another port for this environment in fairlead.config.ts.",
    });
  }
}

function report(value: unknown): void {
  if (isInherited) return;
  try {
    writeSync(reportDescriptor, `${JSON.stringify(value)}\n`);
    closeSync(reportDescriptor);
  } catch {
    // Whoever started the host does not listen any more.
  }
}

function log(text: string): void {
  process.stderr.write(`${new Date().toISOString()} ${text}\n`);
}
