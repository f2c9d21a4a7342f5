import { FairleadError, isRunning, messageOf, waitFor } from "../../../kernel/index.ts";
import type { EnvironmentView } from "../../port.ts";
import { emptyCounts } from "../counts.ts";
import { type DeploymentRecord, type StoredVariables, writeVariables } from "../state.ts";
import { type ProcessSight, publicAddress, viewDeployment, viewEnvironment } from "../view.ts";
import { noteInLog } from "../log-files.ts";
import type { AppProcess } from "./app-process.ts";
import type { HostCore } from "./core.ts";
import { forgetOldDeployments, forgetVariables } from "./retention.ts";
import { type Deployment, endDeployment, noteFailure, superviseDeployment } from "./supervision.ts";

export interface StartParams {
  deploymentId: string;
  release: DeploymentRecord["release"];
  directory: string;
  start: DeploymentRecord["start"];
  health: DeploymentRecord["health"];
  instances: number;
  variables: StoredVariables;
  drainTimeoutMs: number;
  token?: number;
}

export interface TargetParams {
  deploymentId: string;
  token?: number;
}

/** The operations of an environment's host. */
export interface Host {
  view(): EnvironmentView;
  start(params: StartParams): Promise<unknown>;
  switch(params: TargetParams): Promise<{ from?: string; tookMs: number }>;
  stop(params: TargetParams): Promise<void>;
  /** Brings back what was ready and active when the host last ran; called once. */
  restore(): void;
  /** Waits until the active deployment serves, or says in the notes that it does not. */
  up(): Promise<EnvironmentView>;
  down(): Promise<void>;
  findProcess(key: string): AppProcess | undefined;
}

const readyWaitMs = 5000;
const upMarginMs = 5000;

/** Makes the operations of a host over its shared parts; one switch, stop or down runs at a time. */
export function createHost(core: HostCore): Host {
  const { state, clock } = core;
  const running = new Map<string, Deployment>();
  const releasedAt = new Map<string, number>();
  /** Deployments that are to accept now: the active one, and during a switch the next one too. */
  let accepting = new Set(state.active === undefined ? [] : [state.active]);
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(action: () => Promise<T>): Promise<T> => {
    const result = queue.then(action);
    queue = result.catch(() => undefined);
    return result;
  };

  const recordOf = (id: string) => state.deployments.find((record) => record.id === id);
  const processesOf = (id: string) =>
    (running.get(id)?.processes ?? []).filter(
      (process): process is AppProcess => process !== undefined && process.endReason === undefined,
    );
  const sightsOf = (record: DeploymentRecord): ProcessSight[] =>
    (running.get(record.id)?.processes ?? []).flatMap((process) =>
      process === undefined ? [] : [sightOf(process)],
    );

  const fence = async (token: number | undefined) => {
    if (token === undefined || token === state.token) return;
    if (token < state.token) {
      const seen = `the token ${String(token)} is older than ${String(state.token)}`;
      throw new FairleadError("fenced", `another deploy has taken over this environment: ${seen}`, {
        hint: "Look at `fairlead status`; begin again if the other one is done.",
      });
    }
    state.token = token;
    await core.save();
  };

  /** Tells each ready process to accept or to release, where it does not do so yet. */
  const reconcile = () => {
    for (const [id, deployment] of running) {
      for (const process of deployment.processes) {
        if (process?.isReady !== true || !process.isLinked() || process.status === undefined) continue;
        const isWanted = accepting.has(id) && !deployment.isStopping;
        if (isWanted === process.status.accepting) continue;
        setAccepting(id, process, isWanted).catch((error: unknown) => {
          core.log(messageOf(error));
        });
      }
    }
  };
  const orders = new WeakMap<AppProcess, { isAccept: boolean; done: Promise<void> }>();
  const setAccepting = (id: string, process: AppProcess, isAccept: boolean): Promise<void> => {
    const pending = orders.get(process);
    if (pending?.isAccept === isAccept) return pending.done;
    const drainTimeoutMs = recordOf(id)?.drainTimeoutMs ?? 0;
    const done = process
      .order(isAccept ? { type: "accept" } : { type: "release", drainTimeoutMs, quick: false })
      .finally(() => {
        if (orders.get(process)?.done === done) orders.delete(process);
      });
    orders.set(process, { isAccept, done });
    return done;
  };

  const activate = async (next: DeploymentRecord): Promise<string | undefined> => {
    const { active: from, previous } = state;
    accepting = new Set([...accepting, next.id]);
    try {
      await Promise.all(processesOf(next.id).map((process) => setAccepting(next.id, process, true)));
      state.active = next.id;
      if (from !== undefined) state.previous = from;
      next.activatedAt = new Date(clock.now()).toISOString();
      await core.save();
    } catch (error) {
      if (from === undefined) delete state.active;
      else state.active = from;
      if (previous === undefined) delete state.previous;
      else state.previous = previous;
      accepting = new Set(from === undefined ? [] : [from]);
      reconcile();
      throw error;
    }
    accepting = new Set([next.id]);
    return from;
  };

  const retire = async (id: string) => {
    releasedAt.set(id, clock.now());
    const outcomes = await Promise.allSettled(
      processesOf(id).map((process) => setAccepting(id, process, false)),
    );
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") core.log(messageOf(outcome.reason));
    }
    const deployment = running.get(id);
    if (recordOf(id)?.state === "failed" && deployment !== undefined)
      void endDeployment(core, deployment).then(core.save);
  };

  const finishStart = async (record: DeploymentRecord, deployment: Deployment) => {
    try {
      await deployment.startup;
    } catch (error) {
      await endDeployment(core, deployment, 2000);
      if (record.state === "starting") await noteFailure(core, record, messageOf(error));
      await forgetVariables(core.layout, record.id);
      await core.save();
      throw startFailed(record, error);
    }
    if (record.state !== "starting") return;
    record.state = "ready";
    const address = viewDeployment(record, state, sightsOf(record)).privateAddress;
    if (address !== undefined) record.privateAddress = address;
    await core.save();
  };
  const starts = new Map<string, Promise<void>>();
  const launch = (record: DeploymentRecord, isInitial: boolean): Promise<void> => {
    const deployment = superviseDeployment(core, record, isInitial);
    running.set(record.id, deployment);
    const done = finishStart(record, deployment).finally(() => {
      starts.delete(record.id);
    });
    done.catch(() => undefined);
    starts.set(record.id, done);
    return done;
  };

  const waitUntilReady = async (record: DeploymentRecord) => {
    const isReady = () => {
      const processes = running.get(record.id)?.processes ?? [];
      const all = processes.every((process) => process?.isReady === true && process.isLinked());
      return Promise.resolve(record.state === "ready" && processes.length > 0 && all ? true : undefined);
    };
    const timeoutMs = record.state === "ready" && running.has(record.id) ? readyWaitMs : 0;
    if ((await waitFor(clock, isReady, { timeoutMs, intervalMs: 20 })) === true) return;
    throw notReady(record.id, record.state);
  };

  const drained = async (id: string, timeoutMs: number) => {
    const isQuiet = () =>
      Promise.resolve(
        processesOf(id).every((process) => process.status?.draining !== true) ? true : undefined,
      );
    await waitFor(clock, isQuiet, { timeoutMs, intervalMs: 50 });
  };

  core.onProcessChange = () => {
    reconcile();
  };

  return {
    view: () => viewEnvironment(state, publicAddress(core.config.host, core.config.port), sightsOf),
    findProcess: (key) =>
      [...running.values()]
        .flatMap(({ processes }) => processes)
        .find((process) => process?.record.key === key),

    async start(params) {
      await fence(params.token);
      if (state.isGoingDown) throw new FairleadError("host-stopping", "the environment is being stopped");
      const known = recordOf(params.deploymentId);
      const isAlive = known !== undefined && running.get(known.id)?.isStopping === false;
      if (isAlive && (known.state === "starting" || known.state === "ready")) {
        await starts.get(known.id);
        return viewDeployment(known, state, sightsOf(known));
      }
      const record = newRecord(params, known, clock.now());
      state.deployments = [record, ...state.deployments.filter(({ id }) => id !== record.id)];
      await writeVariables(core.layout, record.id, params.variables);
      await core.save();
      noteInLog(core.layout, record.id, `starting release ${record.release.version} (${record.release.id})`);
      await launch(record, true);
      return viewDeployment(record, state, sightsOf(record));
    },

    switch: (params) =>
      inTurn(async () => {
        const startedAt = performance.now();
        await fence(params.token);
        const next = recordOf(params.deploymentId);
        if (next === undefined) throw notReady(params.deploymentId, "unknown");
        if (state.active === next.id) return { tookMs: performance.now() - startedAt };
        await waitUntilReady(next);
        const from = await activate(next);
        const tookMs = performance.now() - startedAt;
        if (from !== undefined) await retire(from);
        reconcile();
        return { ...(from === undefined ? {} : { from }), tookMs };
      }),

    stop: (params) =>
      inTurn(async () => {
        await fence(params.token);
        const record = recordOf(params.deploymentId);
        if (record === undefined) return;
        if (state.active === record.id) throw deploymentActive(record.id);
        const deployment = running.get(record.id);
        if (deployment !== undefined) {
          deployment.isStopping = true;
          const spentMs = clock.now() - (releasedAt.get(record.id) ?? clock.now());
          await drained(record.id, Math.max(0, record.drainTimeoutMs - spentMs));
          await endDeployment(core, deployment);
          running.delete(record.id);
        }
        record.state = "stopped";
        record.processes = [];
        await forgetVariables(core.layout, record.id);
        await forgetOldDeployments(core);
        await core.save();
      }),

    restore() {
      const wanted = state.deployments.filter(
        (record) => record.state === "ready" || record.state === "starting" || record.id === state.active,
      );
      // The active one first: it is what the public waits for.
      wanted.sort((left, right) => Number(right.id === state.active) - Number(left.id === state.active));
      for (const record of wanted) void launch(record, record.state === "starting").catch(() => undefined);
    },

    async up() {
      const record = state.active === undefined ? undefined : recordOf(state.active);
      const deployment = record === undefined ? undefined : running.get(record.id);
      if (record !== undefined && deployment !== undefined) {
        const limit = clock.sleep(record.health.timeoutMs + upMarginMs);
        await Promise.race([deployment.startup.catch(() => undefined), limit, untilFailed(core, record)]);
        const serves = () =>
          Promise.resolve(processesOf(record.id).some((p) => p.status?.accepting === true) || undefined);
        if (record.state === "ready")
          await waitFor(clock, serves, { timeoutMs: readyWaitMs, intervalMs: 20 });
      }
      return viewEnvironment(state, publicAddress(core.config.host, core.config.port), sightsOf);
    },

    down: () =>
      inTurn(async () => {
        state.isGoingDown = true;
        for (const record of state.deployments) if (record.state === "starting") record.state = "stopped";
        await core.save();
        accepting = new Set();
        await Promise.all(
          [...running].map(async ([id, deployment]) => {
            deployment.isStopping = true;
            const drainTimeoutMs = deployment.record.drainTimeoutMs;
            for (const process of processesOf(id)) {
              process.bye();
              await process.order({ type: "release", drainTimeoutMs, quick: true }).catch(() => undefined);
            }
            await drained(id, drainTimeoutMs);
            await endDeployment(core, deployment);
          }),
        );
        running.clear();
        state.isGoingDown = false;
        await core.save();
      }),
  };

  function startFailed(record: DeploymentRecord, cause: unknown): FairleadError {
    const { failure } = record;
    return new FairleadError(
      "start-failed",
      `${record.id} did not start: ${failure?.reason ?? messageOf(cause)}`,
      {
        cause,
        details: failure?.lastLines ?? [],
        hint: "The lines below are the last ones of its log; `fairlead logs` shows all.",
      },
    );
  }
}

async function untilFailed(core: HostCore, record: DeploymentRecord): Promise<void> {
  const options = { timeoutMs: record.health.timeoutMs + upMarginMs, intervalMs: 100 };
  await waitFor(core.clock, () => Promise.resolve(record.state === "failed" || undefined), options);
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

function newRecord(
  params: StartParams,
  known: DeploymentRecord | undefined,
  nowMs: number,
): DeploymentRecord {
  return {
    id: params.deploymentId,
    release: params.release,
    directory: params.directory,
    start: params.start,
    health: params.health,
    instances: Math.max(1, params.instances),
    drainTimeoutMs: params.drainTimeoutMs,
    state: "starting",
    startedAt: new Date(nowMs).toISOString(),
    processes: [],
    restarts: [],
    settled: known?.settled ?? emptyCounts(),
  };
}

function notReady(id: string, state: string): FairleadError {
  return new FairleadError("not-ready", `${id} cannot become active: it is ${state}`, {
    hint: "Start it first; only a deployment that is ready can be switched to.",
  });
}

function deploymentActive(id: string): FairleadError {
  return new FairleadError("deployment-active", `${id} answers the public address and cannot be stopped`, {
    hint: "Switch to another deployment first, or stop the environment with `fairlead down`.",
  });
}
