import { FairleadError, formatDuration } from "../../kernel/index.ts";
import { approvePlan, findApproval, thisHolder, updatePlan } from "../../state/index.ts";
import type { Run, StepDefinition, StepResult } from "../step.ts";

const pollMs = 1000;

/** Waits for somebody's consent where the config asks for it: `fairlead approve`, or the prompt. Holds no lease meanwhile. */
export const approve: StepDefinition = {
  name: "approve",
  title: () => "Wait for approval",
  async apply(run) {
    const { target, plan } = run;
    if (!plan.needsApproval) return { note: "not needed", skipped: true };
    const given = await findApproval(target.state, plan.digest);
    if (given !== undefined) return { note: `by ${given.approvedBy}` };
    await updatePlan(target.state, plan.id, { state: "waiting", plan });
    return (await promptForApproval(run)) ?? (await pollForApproval(run));
  },
};

async function promptForApproval(run: Run): Promise<StepResult | undefined> {
  const { context, target, plan, options } = run;
  if (options.askApproval === undefined) return undefined;
  const granted = await options.askApproval(context.signal);
  if (!granted) throw new FairleadError("not-approved", "not approved; nothing was changed");
  const holder = thisHolder("approve");
  await approvePlan(target.state, plan.digest, `${holder.user}@${holder.host}`);
  return { note: `by ${holder.user}@${holder.host}` };
}

async function pollForApproval(run: Run): Promise<StepResult> {
  const { context, target, plan } = run;
  const limitMs = target.environment.approvalTimeoutMinutes * 60_000;
  const deadline = context.clock.now() + limitMs;
  context.out.note(`${target.name} waits for \`fairlead approve ${target.name}\` (plan ${plan.digest})`);
  while (context.clock.now() < deadline) {
    const given = await findApproval(target.state, plan.digest);
    if (given !== undefined) return { note: `by ${given.approvedBy}` };
    await context.clock.sleep(pollMs, context.signal);
  }
  throw new FairleadError("approval-timeout", `nobody approved within ${formatDuration(limitMs)}`, {
    hint: `Approve with \`fairlead approve ${target.name}\`, then deploy again: the approval is kept for the same plan.`,
  });
}
