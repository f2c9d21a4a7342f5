import { type Context, FairleadError, messageOf } from "../kernel/index.ts";
import {
  acquireLease,
  currentHolder,
  type Holder,
  isDead,
  type JournalEntry,
  listPlans,
  type PlanRecord,
  readJournal,
  updatePlan,
} from "../state/index.ts";
import { createJourney, type Journey } from "./journey.ts";
import type { DeployReport, Facts, Plan } from "./plan.ts";
import type { StepDefinition } from "./step.ts";
import { changingSteps } from "./steps/index.ts";
import type { OpenTarget } from "./target.ts";
import { undoSteps } from "./undoing.ts";

/** What was found and done about an interrupted change. */
export interface Recovery {
  state: "clean" | "busy" | "finished" | "undone" | "attention";
  /** Of `busy`: who is changing the environment. */
  holder?: Holder;
  heldForMs?: number;
  planId?: string;
  note?: string;
}

/**
 * Brings an environment whose deployer died to *after* (past the switch) or *before*; observed state is the truth.
 * Called by deploy, status and `up` alike; does nothing while a living holder has the lease.
 */
export async function recover(context: Context, target: OpenTarget): Promise<Recovery> {
  const busy = await currentHolder(target.state);
  if (busy !== undefined) return { state: "busy", holder: busy.holder, heldForMs: busy.heldForMs };
  await abandonDeadPlans(target);
  const open = await openPlan(target);
  if (open === undefined) return { state: "clean" };
  const lease = await acquireLease(context.clock, target.state, `recover ${open.id}`);
  try {
    // Somebody else may have recovered between the look and the lease.
    const still = await openPlan(target);
    if (still === undefined) return { state: "clean" };
    const entries = await readJournal(target.state, still.id);
    const journey = createJourney({
      context,
      target,
      plan: still.plan,
      facts: factsFrom(entries),
      options: { acceptIrreversible: false, rebuild: false },
    });
    journey.lease = lease;
    return await finishOrUndo(context, target, still, journey, entries);
  } finally {
    await lease.release().catch(() => undefined);
  }
}

async function finishOrUndo(
  context: Context,
  target: OpenTarget,
  record: PlanRecord<Plan, DeployReport>,
  journey: Journey,
  entries: JournalEntry[],
): Promise<Recovery> {
  const view = await target.platform.observe(context, target.name);
  const pastSwitch = view.active === record.plan.deploymentId;
  if (record.state === "running" && pastSwitch && (await isHealthy(context, target, record.plan))) {
    return finish(target, record, journey);
  }
  await updatePlan(target.state, record.id, { state: "undoing" });
  const undone = await undoSteps(journey, begunSteps(entries));
  const outcome = undone.attention === undefined ? "before" : "attention";
  if (undone.failure !== undefined) {
    throw new FairleadError("undo-failed", `taking back ${record.id} failed: ${undone.failure}`, {
      hint: "Remedy what it names, then `fairlead status`: it goes on.",
    });
  }
  await updatePlan(target.state, record.id, {
    state: outcome === "before" ? "failed" : "attention",
    report: recoveredReport(record, journey, outcome, "its deployer died; taken back by recover"),
  });
  if (undone.attention !== undefined)
    return { state: "attention", planId: record.id, note: undone.attention };
  return {
    state: "undone",
    planId: record.id,
    note: `${record.kind} ${record.id} was interrupted and taken back`,
  };
}

async function finish(
  target: OpenTarget,
  record: PlanRecord<Plan, DeployReport>,
  journey: Journey,
): Promise<Recovery> {
  const settle = changingSteps.at(-1);
  if (settle === undefined) throw new TypeError("there is no last step");
  await journey.apply(settle);
  const note = `${record.kind} ${record.id} was interrupted after the switch and finished; its watch was cut short`;
  await updatePlan(target.state, record.id, {
    state: "succeeded",
    report: recoveredReport(record, journey, "after", note),
  });
  return { state: "finished", planId: record.id, note };
}

async function isHealthy(context: Context, target: OpenTarget, plan: Plan): Promise<boolean> {
  const view = await target.platform.observe(context, target.name);
  const active = view.deployments.find((deployment) => deployment.id === view.active);
  if (active?.privateAddress === undefined) return active?.state === "starting";
  try {
    const response = await context.fetch(`${active.privateAddress}${plan.healthPath}`, {
      signal: AbortSignal.timeout(5000),
      redirect: "manual",
    });
    return response.status < 400;
  } catch (error) {
    context.out.warn(`the health of ${active.id} can't be read: ${messageOf(error)}`);
    return false;
  }
}

function factsFrom(entries: JournalEntry[]): Facts {
  const found = entries.filter((entry) => entry.phase === "done" || entry.phase === "event");
  return Object.assign({}, ...found.map((entry) => entry.detail)) as Facts;
}

function begunSteps(entries: JournalEntry[]): StepDefinition[] {
  const begun = new Set(entries.filter((entry) => entry.phase === "intent").map((entry) => entry.step));
  return changingSteps.filter((step) => begun.has(step.name));
}

async function openPlan(target: OpenTarget): Promise<PlanRecord<Plan, DeployReport> | undefined> {
  const plans = await listPlans<Plan, DeployReport>(target.state, {
    states: ["running", "undoing"],
    limit: 1,
  });
  return plans[0];
}

async function abandonDeadPlans(target: OpenTarget): Promise<void> {
  const early = await listPlans<Plan, DeployReport>(target.state, {
    states: ["planned", "waiting"],
    limit: 20,
  });
  for (const record of early) {
    if (isDead(record.holder)) await updatePlan(target.state, record.id, { state: "abandoned" });
  }
}

function recoveredReport(
  record: PlanRecord<Plan, DeployReport>,
  journey: Journey,
  outcome: DeployReport["outcome"],
  message: string,
): DeployReport {
  return {
    planId: record.id,
    environment: record.plan.environment,
    kind: record.plan.kind,
    outcome,
    release: journey.facts.releaseId ?? record.plan.to.id ?? "",
    deploymentId: record.plan.deploymentId,
    address: "",
    migrations: journey.facts.migrationsApplied ?? [],
    steps: journey.reports,
    durationMs: 0,
    problem: { code: "interrupted", message, details: [] },
  };
}
