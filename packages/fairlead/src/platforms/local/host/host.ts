import { FairleadError, isRunning, messageOf, waitFor } from "../../../kernel/index.ts";
import type { DeploymentView, EnvironmentView } from "../../port.ts";
import type { DeploymentRecord } from "../state.ts";
import type { AppProcess } from "./app-process.ts";
import type { HostCore } from "./core.ts";
import { createFleet, type Fleet } from "./fleet.ts";
import { createStarter, type Starter, type StartParams } from "./starting.ts";
import { endAll, stopDeployment } from "./stopping.ts";
import { adoptRemains } from "./supervision.ts";
import { switchTo } from "./switching.ts";

export interface TargetParams {
  deploymentId: string;
  token?: number;
}

/** The operations of an environment's host. */
export interface Host {
  view(): EnvironmentView;
  start(params: StartParams): Promise<DeploymentView>;
  switch(params: TargetParams): Promise<{ from?: string; tookMs: number }>;
  stop(params: TargetParams): Promise<void>;
  /** Brings back what was ready and active when the host last ran; called once. */
  restore(): void;
  /** Waits until the active deployment serves, or says in the notes that it does not. */
  up(): Promise<EnvironmentView>;
  down(): Promise<void>;
  findProcess(key: string): AppProcess | undefined;
}

const upMarginMs = 5000;

/** Makes the operations of a host over its shared parts; one switch, stop or down runs at a time. */
export function createHost(core: HostCore): Host {
  const { state } = core;
  const fleet = createFleet(core);
  const starter = createStarter(core, fleet);
  core.onProcessChange = () => {
    fleet.reconcile();
  };
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(action: () => Promise<T>): Promise<T> => {
    const result = queue.then(action);
    queue = result.catch(() => undefined);
    return result;
  };

  return {
    view: () => fleet.view(),
    findProcess: (key) => fleet.findProcess(key),
    async start(params) {
      await fence(core, params.token);
      // The same deployment is just being stopped: it begins anew after that.
      if (fleet.running.get(params.deploymentId)?.isStopping === true) await queue;
      return starter.start(params);
    },
    switch: (params) =>
      inTurn(async () => {
        await fence(core, params.token);
        return switchTo(core, fleet, params.deploymentId);
      }),
    stop: (params) =>
      inTurn(async () => {
        await fence(core, params.token);
        await stopDeployment(core, fleet, params.deploymentId);
      }),
    restore() {
      restore(core, fleet, starter);
      for (const [id, deployment] of fleet.running) {
        // A host that was killed while it ended this one left it.
        if (!deployment.isStopping || state.isGoingDown) continue;
        inTurn(() => stopDeployment(core, fleet, id)).catch((error: unknown) => {
          core.log(messageOf(error));
        });
      }
    },
    async up() {
      await waitUntilServing(core, fleet);
      return fleet.view();
    },
    down: () => inTurn(() => endAll(core, fleet)),
  };
}

// What was to end is adopted without starting anything; the rest runs again, the active one first: the public waits for it.
function restore(core: HostCore, fleet: Fleet, starter: Starter): void {
  const { state } = core;
  const isWanted = ({ id, state: own }: DeploymentRecord) =>
    !state.isGoingDown && (own === "ready" || own === "starting" || id === state.active);
  for (const record of state.deployments) {
    if (isWanted(record) || !record.processes.some(isRunning)) continue;
    fleet.running.set(record.id, adoptRemains(core, record));
  }
  const wanted = state.deployments.filter(isWanted);
  wanted.sort((left, right) => Number(right.id === state.active) - Number(left.id === state.active));
  for (const record of wanted) void starter.launch(record).catch(() => undefined);
}

async function fence(core: HostCore, token: number | undefined): Promise<void> {
  const { state } = core;
  if (token === undefined || token === state.token) return;
  if (token < state.token) {
    const seen = `the token ${String(token)} is older than ${String(state.token)}`;
    throw new FairleadError("fenced", `another deploy has taken over this environment: ${seen}`, {
      hint: "Look at `fairlead status`; begin again when the other one is done.",
    });
  }
  state.token = token;
  await core.save();
}

async function waitUntilServing(core: HostCore, fleet: Fleet): Promise<void> {
  const record = fleet.recordOf(core.state.active);
  if (record === undefined) return;
  const isDecided = () =>
    record.state === "failed" ||
    fleet.processesOf(record.id).some(({ status }) => status?.accepting === true);
  await waitFor(core.clock, () => Promise.resolve(isDecided() || undefined), {
    timeoutMs: record.health.timeoutMs + upMarginMs,
    intervalMs: 20,
  });
}
