import { isRunning, messageOf, waitFor } from "../../../kernel/index.ts";
import type { DeploymentView, EnvironmentView } from "../../port.ts";
import type { DeploymentRecord } from "../state.ts";
import { type ProcessSight, publicAddress, viewDeployment, viewEnvironment } from "../view.ts";
import type { AppProcess } from "./app-process.ts";
import type { HostCore } from "./core.ts";
import type { Deployment } from "./deployment.ts";

/** The deployments that run, and which of them accept public connections. */
export interface Fleet {
  readonly running: Map<string, Deployment>;
  /** Deployments that are to accept now: the active one, and during a switch the next one too. */
  accepting: Set<string>;
  recordOf(id: string | undefined): DeploymentRecord | undefined;
  /** The living processes of a deployment. */
  processesOf(id: string): AppProcess[];
  findProcess(key: string): AppProcess | undefined;
  /** Orders a process to accept or to release; joins an equal order that is under way. */
  setAccepting(id: string, process: AppProcess, isWanted: boolean): Promise<void>;
  /** Tells each ready process to accept or to release, where it does not do so yet. */
  reconcile(): void;
  /** Waits until no released connection of a deployment is left; bounded. */
  waitUntilDrained(id: string, timeoutMs: number): Promise<void>;
  viewOne(record: DeploymentRecord): DeploymentView;
  view(): EnvironmentView;
}

/** Makes the fleet of a host, nothing running yet. */
export function createFleet(core: HostCore): Fleet {
  const { state } = core;
  const running = new Map<string, Deployment>();
  const orders = new WeakMap<AppProcess, { isWanted: boolean; done: Promise<void> }>();
  const sightsOf = (record: DeploymentRecord): ProcessSight[] => {
    const deployment = running.get(record.id);
    const sights = (deployment?.processes ?? []).flatMap((process) =>
      process === undefined ? [] : [sightOf(process)],
    );
    return deployment?.isStopping === true ? sights.filter(({ hasEnded }) => !hasEnded) : sights;
  };

  const fleet: Fleet = {
    running,
    accepting: new Set(state.active === undefined ? [] : [state.active]),
    recordOf: (id) => state.deployments.find((record) => record.id === id),
    processesOf: (id) =>
      (running.get(id)?.processes ?? []).filter(
        (process): process is AppProcess => process !== undefined && process.endReason === undefined,
      ),
    findProcess: (key) =>
      [...running.values()]
        .flatMap(({ processes }) => processes)
        .find((process) => process?.record.key === key),

    setAccepting(id, process, isWanted) {
      const pending = orders.get(process);
      if (pending?.isWanted === isWanted) return pending.done;
      process.isWanted = isWanted;
      const drainTimeoutMs = fleet.recordOf(id)?.drainTimeoutMs ?? 0;
      const order = isWanted
        ? ({ type: "accept" } as const)
        : ({ type: "release", drainTimeoutMs, quick: false } as const);
      const done = process.order(order).finally(() => {
        if (orders.get(process)?.done === done) orders.delete(process);
      });
      orders.set(process, { isWanted, done });
      return done;
    },

    reconcile() {
      for (const [id, deployment] of running) {
        for (const process of deployment.processes) {
          if (process?.isReady !== true || !process.isLinked() || process.status === undefined) continue;
          const isWanted = fleet.accepting.has(id) && !deployment.isStopping;
          if (isWanted === process.status.accepting) continue;
          fleet.setAccepting(id, process, isWanted).catch((error: unknown) => {
            core.log(messageOf(error));
          });
        }
      }
    },

    async waitUntilDrained(id, timeoutMs) {
      const isQuiet = () => fleet.processesOf(id).every((process) => process.status?.draining !== true);
      const probe = () => Promise.resolve(isQuiet() ? true : undefined);
      await waitFor(core.clock, probe, { timeoutMs, intervalMs: 50 });
    },

    viewOne: (record) => viewDeployment(record, state, sightsOf(record)),
    view: () => viewEnvironment(state, publicAddress(core.config.host, core.config.port), sightsOf),
  };
  return fleet;
}

function sightOf(process: AppProcess): ProcessSight {
  return {
    index: process.record.index,
    pid: process.record.pid,
    hasEnded: process.endReason !== undefined || !isRunning(process.record),
    isReady: process.isReady,
    ...(process.status === undefined ? {} : { status: process.status }),
  };
}
