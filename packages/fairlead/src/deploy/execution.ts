import { type Context, FairleadError, messageOf, withSignal } from "../kernel/index.ts";
import { migrationStatus } from "../migrate/index.ts";
import type { Stack } from "../stack/index.ts";
import { acquireLease, insertPlan, thisHolder, updatePlan } from "../state/index.ts";
import { createJourney, type Journey } from "./journey.ts";
import { migrationRequest } from "./migrations.ts";
import type { DeployReport, Plan } from "./plan.ts";
import type { RunOptions } from "./step.ts";
import { changingSteps, preparingSteps } from "./steps/index.ts";
import type { OpenTarget } from "./target.ts";
import { undoSteps } from "./undoing.ts";

type Outcome = DeployReport["outcome"];

/**
 * Carries a plan out. It does not throw for what goes wrong on the way: the report says how it ended, and the
 * environment is as before, as after, or (loudly) needs attention.
 */
export async function executePlan(
  context: Context,
  target: OpenTarget,
  plan: Plan,
  input: { stack?: Stack; options: RunOptions },
): Promise<DeployReport> {
  const startedAt = context.clock.now();
  await insertPlan(target.state, {
    id: plan.id,
    kind: plan.kind,
    digest: plan.digest,
    state: "planned",
    holder: thisHolder(`${plan.kind} ${plan.id}`),
    plan,
  });
  const journey = createJourney({ context, target, plan, ...input });
  try {
    const ended = await prepareAndChange(context, target, plan, journey);
    // How it ended is looked up and written down whether or not Ctrl-C has fired.
    const patient = withSignal(context, new AbortController().signal);
    const report: DeployReport = {
      ...(await reportOn(patient, target, plan, journey)),
      ...ended,
      durationMs: context.clock.now() - startedAt,
    };
    if (ended.problem?.code !== "lease-lost") await updatePlan(target.state, plan.id, endOf(report));
    return report;
  } finally {
    // Only now: whoever finds the lease free may take the plan's state for final.
    await journey.lease?.release().catch(() => undefined);
    context.reached?.("lease:released");
  }
}

/** The state in which a report leaves its plan; an environment whose undoing failed stays `undoing`, for `recover`. */
function endOf(report: DeployReport): {
  state: "succeeded" | "failed" | "attention" | "undoing";
  report: DeployReport;
} {
  if (report.problem?.code === "undo-failed") return { state: "undoing", report };
  const states = { after: "succeeded", before: "failed", attention: "attention" } as const;
  return { state: states[report.outcome], report };
}

interface Ended {
  outcome: Outcome;
  problem?: NonNullable<DeployReport["problem"]>;
}

async function prepareAndChange(
  context: Context,
  target: OpenTarget,
  plan: Plan,
  journey: Journey,
): Promise<Ended> {
  try {
    for (const step of preparingSteps) await journey.apply(step);
    journey.lease = await acquireLease(context.clock, target.state, `${plan.kind} ${plan.id}`);
  } catch (error) {
    return { outcome: "before", problem: describeProblem(error) };
  }
  return change(context, target, plan, journey);
}

async function change(context: Context, target: OpenTarget, plan: Plan, journey: Journey): Promise<Ended> {
  try {
    await verifyUnchanged(context, target, plan, journey);
    await updatePlan(target.state, plan.id, { state: "running" });
    for (const step of changingSteps) await journey.apply(step);
    return { outcome: "after" };
  } catch (error) {
    if (journey.lease?.lost.aborted === true)
      return { outcome: "attention", problem: leaseLost(target, error) };
    await updatePlan(target.state, plan.id, { state: "undoing" }).catch(() => undefined);
    const undone = await undoSteps(journey, journey.begun);
    const problem = describeProblem(error);
    if (undone.failure !== undefined)
      return { outcome: "attention", problem: undoFailed(problem, undone.failure) };
    if (undone.attention === undefined) return { outcome: "before", problem };
    return { outcome: "attention", problem: { ...problem, details: [...problem.details, undone.attention] } };
  }
}

/** Whoever waited for a build or an approval may find another world; then the plan is not carried out. */
async function verifyUnchanged(
  context: Context,
  target: OpenTarget,
  plan: Plan,
  journey: Journey,
): Promise<void> {
  const view = await target.platform.observe(context, target.name);
  const { source, pending } = plan.migrations;
  const application = journey.facts.applicationDirectory;
  let same = view.active === plan.from?.deploymentId;
  if (same && source !== undefined && application !== undefined) {
    const status = await migrationStatus(context, migrationRequest(source, application, target.databaseUrl));
    same = status.pending.map((migration) => migration.name).join() === pending.join();
  }
  if (same) return;
  throw new FairleadError("plan-outdated", `${target.name} was changed since it was planned`, {
    hint: "Run the command again: it makes a new plan. This one changed nothing.",
  });
}

async function reportOn(
  context: Context,
  target: OpenTarget,
  plan: Plan,
  journey: Journey,
): Promise<Omit<DeployReport, "outcome" | "durationMs" | "problem">> {
  const view = await target.platform.observe(context, target.name);
  return {
    planId: plan.id,
    environment: target.name,
    kind: plan.kind,
    release: journey.facts.releaseId ?? plan.to.id ?? "",
    deploymentId: plan.deploymentId,
    address: view.address,
    migrations: journey.facts.migrationsApplied ?? [],
    steps: journey.reports,
  };
}

function leaseLost(target: OpenTarget, cause: unknown): NonNullable<DeployReport["problem"]> {
  return {
    code: "lease-lost",
    message: `the lease of ${target.name} was lost; somebody else has taken over (${messageOf(cause)})`,
    hint: "`fairlead status` shows what became of it.",
    details: [],
  };
}

function undoFailed(
  problem: NonNullable<DeployReport["problem"]>,
  failure: string,
): NonNullable<DeployReport["problem"]> {
  return {
    code: "undo-failed",
    message: `${problem.message}; and taking it back failed: ${failure}`,
    hint: "Remedy what it names, then `fairlead status`: it goes on taking it back.",
    details: problem.details,
  };
}

/** What went wrong, in a form that can be stored and shown. */
function describeProblem(error: unknown): NonNullable<DeployReport["problem"]> {
  if (!(error instanceof FairleadError)) {
    // What Node.js itself throws when our signal fires.
    const code = error instanceof Error && error.name === "AbortError" ? "cancelled" : "unexpected";
    return { code, message: code === "cancelled" ? code : messageOf(error), details: [] };
  }
  return {
    code: error.code,
    message: error.message,
    details: error.details,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  };
}
