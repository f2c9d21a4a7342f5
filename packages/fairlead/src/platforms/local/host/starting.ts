import { FairleadError, messageOf } from "../../../kernel/index.ts";
import type { DeploymentView } from "../../port.ts";
import { emptyCounts } from "../counts.ts";
import { noteInLog } from "../log-files.ts";
import { type DeploymentRecord, type StoredVariables, writeVariables } from "../state.ts";
import type { HostCore } from "./core.ts";
import { noteFailure } from "./crashes.ts";
import type { Deployment } from "./deployment.ts";
import type { Fleet } from "./fleet.ts";
import { forgetVariables } from "./retention.ts";
import { endDeployment, superviseDeployment } from "./supervision.ts";

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

export interface Starter {
  /** Starts a deployment, or joins its start; gives it back ready. Errors: `start-failed`, `host-stopping`. */
  start(params: StartParams): Promise<DeploymentView>;
  /** Runs a deployment that is written down, with what still lives of it. */
  launch(record: DeploymentRecord): Promise<void>;
}

const failedStartGraceMs = 2000;

/** Makes the part of a host that starts deployments. */
export function createStarter(core: HostCore, fleet: Fleet): Starter {
  const starts = new Map<string, Promise<void>>();
  const launch = (record: DeploymentRecord): Promise<void> => {
    const deployment = superviseDeployment(core, record, record.state === "starting");
    fleet.running.set(record.id, deployment);
    const done = finishStart(core, fleet, deployment).finally(() => {
      starts.delete(record.id);
    });
    done.catch(() => undefined);
    starts.set(record.id, done);
    return done;
  };
  return {
    launch,
    async start(params) {
      const { state } = core;
      if (state.isGoingDown) throw new FairleadError("host-stopping", "the environment is being stopped");
      const known = fleet.recordOf(params.deploymentId);
      const isAlive = known !== undefined && fleet.running.get(known.id)?.isStopping === false;
      if (isAlive && (known.state !== "failed" || state.active === known.id)) {
        if (known.state === "starting") await starts.get(known.id);
        return fleet.viewOne(known);
      }
      const record = newRecord(params, known, core.clock.now());
      state.deployments = [record, ...state.deployments.filter(({ id }) => id !== record.id)];
      await writeVariables(core.layout, record.id, params.variables);
      await core.save();
      noteInLog(core.layout, record.id, `starting release ${record.release.version} (${record.release.id})`);
      await launch(record);
      return fleet.viewOne(record);
    },
  };
}

async function finishStart(core: HostCore, fleet: Fleet, deployment: Deployment): Promise<void> {
  const { record } = deployment;
  try {
    await deployment.startup;
  } catch (error) {
    // Whoever stopped it meanwhile ends it, and writes that down.
    if (deployment.isStopping && record.state !== "failed") throw startFailed(record, error);
    await endDeployment(core, deployment, failedStartGraceMs);
    if (record.state === "starting") await noteFailure(core, record, messageOf(error));
    if (fleet.running.get(record.id) === deployment) fleet.running.delete(record.id);
    if (record.state === "failed") await forgetVariables(core.layout, record.id);
    await core.save();
    throw startFailed(record, error);
  }
  const address = fleet.viewOne(record).privateAddress;
  if (address !== undefined) record.privateAddress = address;
  if (record.state === "starting") record.state = "ready";
  await core.save();
}

function startFailed(record: DeploymentRecord, cause: unknown): FairleadError {
  const { failure } = record;
  return new FairleadError(
    "start-failed",
    `${record.id} did not start: ${failure?.reason ?? messageOf(cause)}`,
    {
      details: failure?.lastLines ?? [],
      hint: "Below are the last lines of its log; `fairlead logs` shows all.",
    },
  );
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
