import {
  type DeployReport,
  executePlan,
  makePlan,
  type OpenTarget,
  type Plan,
  type PlanSource,
  recover,
  renderPlan,
  renderReport,
} from "../deploy/index.ts";
import { type Context, exitCodes, FairleadError, formatProblem } from "../kernel/index.ts";
import { formatHolder } from "../state/index.ts";
import type { CommandInput } from "./command.ts";

export interface Shipment {
  plan: Plan;
  report?: DeployReport;
}

/** Shows a plan, asks, carries it out and says how it ended; the one way of `deploy`, `promote` and the journey. */
export async function ship(
  context: Context,
  target: OpenTarget,
  source: PlanSource,
  input: Pick<CommandInput, "yes" | "options" | "json">,
): Promise<Shipment> {
  await takeUpInterrupted(context, target);
  const plan = await makePlan(context, target, source);
  for (const line of renderPlan(plan)) context.out.note(line);
  refuseBlocked(plan);
  const rebuild = input.options["rebuild"] === true;
  if (plan.nothingToDo && !rebuild) return { plan };
  await consent(context, plan, input.yes);
  const report = await executePlan(context, target, plan, {
    ...(source.kind === "deploy" ? { stack: source.stack } : {}),
    options: {
      acceptIrreversible: input.options["accept-irreversible"] === true,
      rebuild,
      ...(context.out.interactive && !input.yes
        ? { askApproval: (signal: AbortSignal) => context.out.confirm(`Approve for ${target.name}?`, signal) }
        : {}),
    },
  });
  return { plan, report };
}

/** Prints how a shipment ended and gives the exit code. Errors: what the report names as the problem. */
export function concludeShipment(context: Context, target: OpenTarget, shipment: Shipment): number {
  const { plan, report } = shipment;
  if (report === undefined) {
    context.out.line(`${target.name} already runs ${plan.to.id ?? plan.to.version}`);
    context.out.json({ plan, outcome: "unchanged" });
    return exitCodes.ok;
  }
  if (report.outcome === "after") {
    for (const line of renderReport(report)) context.out.line(line);
    if (plan.from !== undefined) context.out.line(`To go back: fairlead rollback ${target.name}`);
    context.out.json({ plan, report, outcome: report.outcome });
    return exitCodes.ok;
  }
  throw failureOf(report);
}

function failureOf(report: DeployReport): FairleadError {
  const problem = report.problem ?? { code: "deploy-failed", message: "the deploy failed", details: [] };
  const ending =
    report.outcome === "before"
      ? `${report.environment} is as it was before.`
      : `${report.environment} NEEDS ATTENTION: \`fairlead status ${report.environment}\`.`;
  return new FairleadError(problem.code, problem.message, {
    exit: problem.code === "cancelled" ? "cancelled" : "checkFailed",
    details: problem.details,
    hint: problem.hint === undefined ? ending : `${ending} ${problem.hint}`,
  });
}

async function takeUpInterrupted(context: Context, target: OpenTarget): Promise<void> {
  const recovery = await recover(context, target);
  if (recovery.state === "busy" && recovery.holder !== undefined) {
    const since = new Date(context.clock.now() - (recovery.heldForMs ?? 0)).toISOString();
    throw new FairleadError(
      "lease-held",
      `${target.name} is being changed by ${formatHolder(recovery.holder)} since ${since}`,
      { hint: "Wait for it to end, or end that process; a dead holder's lease expires by itself." },
    );
  }
  if (recovery.note !== undefined) context.out.warn(recovery.note);
}

function refuseBlocked(plan: Plan): void {
  if (plan.blockers.length === 0) return;
  throw new FairleadError("plan-blocked", `the plan for ${plan.environment} can't be carried out`, {
    exit: "usage",
    details: plan.blockers.map(formatProblem),
  });
}

async function consent(context: Context, plan: Plan, yes: boolean): Promise<void> {
  if (yes) return;
  if (!context.out.interactive) {
    throw new FairleadError("consent-needed", "nobody can be asked here", {
      exit: "usage",
      hint: "Accept the plan above with --yes.",
    });
  }
  // Where an approval follows anyway, one question is enough.
  if (plan.needsApproval) return;
  const accepted = await context.out.confirm(`Carry this out on ${plan.environment}?`, context.signal);
  if (!accepted)
    throw new FairleadError("not-accepted", "not accepted; nothing was changed", { exit: "cancelled" });
}
