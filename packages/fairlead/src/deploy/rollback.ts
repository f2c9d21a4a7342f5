import { randomBytes } from "node:crypto";

import { readRelease } from "../build/index.ts";
import { type Context, FairleadError, messageOf } from "../kernel/index.ts";
import type { DeploymentView, EnvironmentView } from "../platforms/index.ts";
import {
  acquireLease,
  insertPlan,
  type Lease,
  listPlans,
  thisHolder,
  updatePlan,
  writeJournal,
  writeOffline,
} from "../state/index.ts";
import type { DeployReport, Plan } from "./plan.ts";
import { rollBackSchema } from "./schema-rollback.ts";
import { openTarget, type OpenTarget, type Target, variablesOf } from "./target.ts";

export interface RollbackRequest {
  /** Deployment to go back to; the previous one unless told. */
  to?: string;
  /** Also undo, with proved down migrations, what the deploy of the active release migrated. */
  withSchema: boolean;
}

export interface RollbackReport {
  environment: string;
  from?: string;
  to: string;
  release: string;
  address: string;
  /** From the request to the acknowledged switch. */
  tookMs: number;
  schema: string;
  /** True when the database did not answer and the rollback was journalled on this machine only. */
  offline: boolean;
}

/**
 * Gives the public address back to an earlier deployment. It goes by what the platform shows: where the database does
 * not answer, the rollback is journalled on this machine and reconciled later.
 */
export async function rollBack(
  context: Context,
  target: Target,
  request: RollbackRequest,
): Promise<RollbackReport> {
  const startedAt = context.clock.now();
  const view = await target.platform.observe(context, target.name);
  const wanted = chooseDeployment(view, target.name, request.to);
  const open = await openWhereItAnswers(context, target);
  if (open === undefined && request.withSchema) throw needsDatabase(target.name);
  const planId = `p-rollback-${randomBytes(4).toString("hex")}`;
  let lease: Lease | undefined;
  try {
    if (open !== undefined) lease = await begin(context, open, planId, view, wanted);
    const token = lease === undefined ? {} : { token: lease.token };
    await ensureRunning(context, target, open, wanted, token);
    const result = await target.platform.switch(context, {
      environment: target.name,
      deploymentId: wanted.id,
      ...token,
    });
    const tookMs = context.clock.now() - startedAt;
    const schema = await rollBackSchema(context, open, view, request.withSchema);
    const report: RollbackReport = {
      environment: target.name,
      ...(result.from === undefined ? {} : { from: result.from }),
      to: wanted.id,
      release: wanted.release.id,
      address: view.address,
      tookMs,
      schema,
      offline: open === undefined,
    };
    await end(target, open, planId, lease, report);
    return report;
  } finally {
    await lease?.release().catch(() => undefined);
    await open?.state.close();
  }
}

function chooseDeployment(
  view: EnvironmentView,
  environment: string,
  to: string | undefined,
): DeploymentView {
  const id = to ?? view.previous;
  const found = view.deployments.find((deployment) => deployment.id === id || deployment.release.id === id);
  if (found !== undefined && found.id !== view.active) return found;
  if (found !== undefined) {
    throw new FairleadError("already-active", `${found.id} is the active deployment of ${environment}`);
  }
  const known = view.deployments.filter((deployment) => deployment.id !== view.active);
  throw new FairleadError(
    "nothing-to-roll-back-to",
    id === undefined ? `${environment} has no earlier deployment` : `${environment} has no deployment ${id}`,
    {
      exit: id === undefined ? "checkFailed" : "usage",
      details: known.map((deployment) => `${deployment.id}  ${deployment.release.id}  ${deployment.state}`),
      hint: known.length === 0 ? "Deploy a fixed version instead." : "Name one of these with --to.",
    },
  );
}

async function openWhereItAnswers(context: Context, target: Target): Promise<OpenTarget | undefined> {
  try {
    return await openTarget(context, target);
  } catch (error) {
    if (error instanceof FairleadError && error.code === "identity-mismatch") throw error;
    context.out.warn(
      `the database of ${target.name} does not answer (${messageOf(error)}); going by the platform`,
    );
    return undefined;
  }
}

async function begin(
  context: Context,
  target: OpenTarget,
  planId: string,
  view: EnvironmentView,
  wanted: DeploymentView,
): Promise<Lease> {
  const lease = await acquireLease(context.clock, target.state, `rollback ${planId}`);
  const plan: Partial<Plan> = {
    id: planId,
    kind: "rollback",
    environment: target.name,
    deploymentId: wanted.id,
    to: {
      id: wanted.release.id,
      version: wanted.release.version,
      dirty: false,
      inputDigest: "",
    },
    ...(await variableFingerprintsOf(target, wanted.id)),
  };
  await insertPlan(target.state, {
    id: planId,
    kind: "rollback",
    digest: planId,
    // A rollback is one switch: before it nothing has changed, after it everything has. There is nothing to recover.
    state: "planned",
    holder: thisHolder(`rollback ${planId}`),
    plan,
  });
  await writeJournal(target.state, {
    planId,
    token: lease.token,
    step: "switch",
    phase: "intent",
    detail: { from: view.active, to: wanted.id },
  });
  context.reached?.("rollback:intent");
  return lease;
}

async function variableFingerprintsOf(
  target: OpenTarget,
  deploymentId: string,
): Promise<Partial<Pick<Plan, "variableFingerprints">>> {
  const plans = await listPlans<Plan, DeployReport>(target.state, { limit: 50 });
  const found = plans.find((record) => record.plan.deploymentId === deploymentId)?.plan.variableFingerprints;
  return found === undefined ? {} : { variableFingerprints: found };
}

async function ensureRunning(
  context: Context,
  target: Target,
  open: OpenTarget | undefined,
  wanted: DeploymentView,
  token: { token?: number },
): Promise<void> {
  if (wanted.state === "ready" || wanted.state === "draining" || wanted.state === "active") return;
  const release = await readRelease(target.root, wanted.release.id);
  if (release === undefined) {
    throw new FairleadError(
      "release-missing",
      `the release ${wanted.release.id} is not on this machine any more`,
      {
        hint: "Check out its commit and deploy it.",
      },
    );
  }
  if (open === undefined) throw needsDatabase(target.name);
  await target.platform.start(context, {
    environment: target.name,
    deploymentId: wanted.id,
    release: wanted.release,
    directory: release.applicationDirectory,
    start: release.start,
    health: {
      path: target.config.health.path ?? release.health ?? "/",
      timeoutMs: target.config.health.timeoutSeconds * 1000,
    },
    instances: target.environment.instances,
    variables: await variablesOf(context, open),
    drainTimeoutMs: target.config.drainSeconds * 1000,
    ...token,
  });
}

async function end(
  target: Target,
  open: OpenTarget | undefined,
  planId: string,
  lease: Lease | undefined,
  report: RollbackReport,
): Promise<void> {
  const entry = { planId, step: "switch", phase: "done" as const, detail: { ...report } };
  if (open === undefined || lease === undefined) {
    await writeOffline(target.root, target.name, entry);
    return;
  }
  await writeJournal(open.state, { ...entry, token: lease.token });
  await updatePlan(open.state, planId, { state: "succeeded", report });
}

function needsDatabase(environment: string): FairleadError {
  return new FairleadError(
    "database-unreachable",
    `the database of ${environment} does not answer, and this rollback needs it`,
    { exit: "environment", hint: "A deployment that is still warm can be switched to without the database." },
  );
}
