import { isIP } from "node:net";

import { isRunning } from "../../kernel/index.ts";
import type { Counts, DeploymentState, DeploymentView, EnvironmentView, InstanceView } from "../port.ts";
import { addCounts } from "./counts.ts";
import type { AgentStatus } from "./protocol.ts";
import type { DeploymentRecord, EnvironmentRecord } from "./state.ts";

/** What is known about one process when a view is made. */
export interface ProcessSight {
  index: number;
  pid: number;
  hasEnded: boolean;
  isReady: boolean;
  status?: AgentStatus;
}

/** The public address for people. */
export function publicAddress(host: string, port: number): string {
  const isEverywhere = host === "0.0.0.0" || host === "::" || host === "127.0.0.1" || host === "::1";
  const name = isEverywhere ? "localhost" : isIP(host) === 6 ? `[${host}]` : host;
  return `http://${name}:${String(port)}`;
}

/** The view of an environment whose host runs. */
export function viewEnvironment(
  state: EnvironmentRecord,
  address: string,
  sightsOf: (record: DeploymentRecord) => ProcessSight[],
): EnvironmentView {
  const deployments = state.deployments.map((record) => viewDeployment(record, state, sightsOf(record)));
  return {
    address,
    ...(state.active === undefined ? {} : { active: state.active }),
    ...(state.previous === undefined ? {} : { previous: state.previous }),
    deployments,
    notes: deployments.flatMap((deployment) => notesOf(deployment, state, sightsOf)),
  };
}

/** The view of an environment whose host does not answer, from what is written and which processes live. */
export function viewWithoutHost(state: EnvironmentRecord, address: string): EnvironmentView {
  const sightsOf = (record: DeploymentRecord): ProcessSight[] =>
    record.processes
      .filter(isRunning)
      .map(({ index, pid }) => ({ index, pid, hasEnded: false, isReady: record.state === "ready" }));
  const view = viewEnvironment(state, address, sightsOf);
  const deployments = view.deployments.map((deployment): DeploymentView => {
    if (deployment.instances.length > 0 || deployment.state === "failed") return deployment;
    return { ...deployment, state: "stopped" };
  });
  const hasProcesses = deployments.some((deployment) => deployment.instances.length > 0);
  const note = hasProcesses
    ? "the host does not answer; its processes go on serving"
    : "the host is not running: start it with `fairlead up`";
  return { ...view, deployments, notes: [note] };
}

/** The view of one deployment. */
export function viewDeployment(
  record: DeploymentRecord,
  state: EnvironmentRecord,
  sights: ProcessSight[],
): DeploymentView {
  const isActive = state.active === record.id;
  const main = sights.find((sight) => sight.isReady)?.status?.main;
  const privateAddress =
    main === undefined
      ? record.privateAddress
      : `${main.protocol === "https" ? "https" : "http"}://127.0.0.1:${String(main.port)}`;
  return {
    id: record.id,
    release: record.release,
    state: stateOf(record, isActive, sights),
    ...(privateAddress === undefined || sights.length === 0 ? {} : { privateAddress }),
    startedAt: record.startedAt,
    ...(record.activatedAt === undefined ? {} : { activatedAt: record.activatedAt }),
    instances: sights.map((sight) => viewInstance(sight, isActive, record)),
    restarts: record.restarts.reduce((sum, count) => sum + count, 0),
    counts: sights.reduce<Counts>(
      (sum, sight) =>
        sight.status === undefined || sight.hasEnded ? sum : addCounts(sum, sight.status.counts),
      record.settled,
    ),
    mode: record.start.kind === "command" ? "forwarded" : "direct",
    ...(record.failure === undefined ? {} : { failure: record.failure }),
  };
}

function stateOf(record: DeploymentRecord, isActive: boolean, sights: ProcessSight[]): DeploymentState {
  if (record.state !== "ready") return record.state;
  if (isActive) return "active";
  return sights.some((sight) => sight.status?.draining === true) ? "draining" : "ready";
}

function viewInstance(sight: ProcessSight, isActive: boolean, record: DeploymentRecord): InstanceView {
  return {
    pid: sight.pid,
    state: instanceState(sight, isActive),
    restarts: record.restarts[sight.index] ?? 0,
  };
}

function instanceState(sight: ProcessSight, isActive: boolean): InstanceView["state"] {
  if (sight.hasEnded) return "exited";
  if (!sight.isReady) return "starting";
  if (sight.status?.accepting ?? isActive) return "active";
  return sight.status?.draining === true ? "draining" : "ready";
}

function notesOf(
  deployment: DeploymentView,
  state: EnvironmentRecord,
  sightsOf: (record: DeploymentRecord) => ProcessSight[],
): string[] {
  const record = state.deployments.find(({ id }) => id === deployment.id);
  if (record === undefined || deployment.id !== state.active) return [];
  const sights = sightsOf(record);
  const notes: string[] = [];
  if (record.state === "failed") {
    notes.push(
      `the active deployment ${record.id} has failed and is tried again: ${record.failure?.reason ?? ""}`,
    );
  }
  if (!sights.some((sight) => sight.isReady && !sight.hasEnded)) {
    notes.push("no process of the active deployment answers at the moment; connections wait");
  }
  if (deployment.mode === "forwarded") {
    notes.push(`${record.id} is not Node.js: its connections pass through a forwarding process`);
  }
  const main = sights.find((sight) => sight.isReady)?.status;
  for (const listener of main?.listeners ?? []) {
    if (listener.port === main?.main?.port || listener.declaredPort === 0) continue;
    const from = `port ${String(listener.declaredPort)} of ${record.id}`;
    notes.push(`${from} is private: 127.0.0.1:${String(listener.port)} at the moment`);
  }
  return notes;
}
