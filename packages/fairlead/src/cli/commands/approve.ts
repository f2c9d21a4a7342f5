import { type OpenTarget, type Plan, renderPlan, targetOf } from "../../deploy/index.ts";
import { type Context, FairleadError } from "../../kernel/index.ts";
import { approvePlan, findApproval, listPlans, type PlanRecord, thisHolder } from "../../state/index.ts";
import type { CommandInput } from "../command.ts";
import { loadedConfig, withOpenTarget } from "../loading.ts";

/** `fairlead approve [environment]` */
export async function run(context: Context, input: CommandInput): Promise<void> {
  const loaded = await loadedConfig(context, input);
  const [named] = input.positionals;
  const names = named === undefined ? environmentsWithApproval(loaded.config.environments) : [named];
  const waiting: { name: string; digest: string }[] = [];
  for (const name of names) {
    await withOpenTarget(context, targetOf(loaded, name), async (open) => {
      const record = await waitingPlan(open);
      if (record !== undefined) waiting.push({ name, digest: record.digest });
    });
  }
  const [first, ...others] = waiting;
  if (first === undefined) {
    throw new FairleadError(
      "nothing-waits",
      `no plan waits for approval in ${names.join(", ") || "any environment"}`,
      {
        hint: "A deploy to an environment with `approval: true` waits for it.",
      },
    );
  }
  if (others.length > 0) {
    throw new FairleadError("approval-ambiguous", "several plans wait for approval", {
      exit: "usage",
      details: waiting.map(({ name }) => name),
      hint: "Name the environment: fairlead approve <environment>",
    });
  }
  await withOpenTarget(context, targetOf(loaded, first.name), (open) => approveIn(context, open, input.yes));
}

function environmentsWithApproval(environments: Record<string, { approval: boolean }>): string[] {
  return Object.entries(environments).flatMap(([name, environment]) => (environment.approval ? [name] : []));
}

async function approveIn(context: Context, open: OpenTarget, yes: boolean): Promise<void> {
  const record = await waitingPlan(open);
  if (record === undefined)
    throw new FairleadError("nothing-waits", `the plan of ${open.name} waits no more`);
  for (const line of renderPlan(record.plan)) context.out.note(line);
  if (!yes) {
    const granted = context.out.interactive && (await context.out.confirm("Approve it?", context.signal));
    if (!granted) {
      throw new FairleadError("not-approved", "not approved", {
        exit: "usage",
        hint: "Approve it with --yes.",
      });
    }
  }
  const holder = thisHolder("approve");
  const by = `${holder.user}@${holder.host}`;
  await approvePlan(open.state, record.digest, by);
  context.out.line(`approved ${record.id} for ${open.name} as ${by}`);
  context.out.json({ environment: open.name, planId: record.id, digest: record.digest, approvedBy: by });
}

async function waitingPlan(open: OpenTarget): Promise<PlanRecord<Plan> | undefined> {
  const plans = await listPlans<Plan, unknown>(open.state, { states: ["waiting"], limit: 10 });
  for (const record of plans) {
    if ((await findApproval(open.state, record.digest)) === undefined) return record;
  }
  return undefined;
}
