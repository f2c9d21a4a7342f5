import { FairleadError, formatDuration } from "../../kernel/index.ts";
import type { Run, StepDefinition, StepResult } from "../step.ts";

/** Gives the public address to the new deployment. From here on the change is *after*. */
export const switchTraffic: StepDefinition = {
  name: "switch",
  title: () => "Switch traffic",
  async apply(run) {
    const { context, target, plan, token } = run;
    const before = await target.platform.observe(context, target.name);
    if (before.active !== undefined && before.active !== plan.deploymentId) {
      const counted = before.deployments.filter((deployment) => deployment.id === before.active);
      await run.record({
        switchedFrom: before.active,
        viewBeforeSwitch: { ...before, deployments: counted },
      });
    }
    const result = await target.platform.switch(context, {
      environment: target.name,
      deploymentId: plan.deploymentId,
      ...(token === undefined ? {} : { token }),
    });
    const from = result.from === undefined ? "first deployment" : `from ${result.from}`;
    return { note: `${from}, ${formatDuration(result.tookMs)}`, facts: { switched: true } };
  },
  undo: switchBack,
};

async function switchBack(run: Run): Promise<StepResult> {
  const { context, target, plan, facts, token } = run;
  const view = await target.platform.observe(context, target.name);
  if (view.active !== plan.deploymentId) return { note: "traffic was never switched", skipped: true };
  const previous = facts.switchedFrom ?? view.previous;
  const candidate = view.deployments.find((deployment) => deployment.id === previous);
  if (previous === undefined || candidate === undefined) {
    const reason = "there is no earlier release to go back to; the new one stays active";
    return { note: reason, attention: reason };
  }
  if (candidate.state !== "ready" && candidate.state !== "draining") {
    throw new FairleadError("previous-gone", `the previous deployment ${previous} is ${candidate.state}`, {
      hint: `Start another with \`fairlead rollback ${target.name} --to <deployment>\`.`,
    });
  }
  const result = await target.platform.switch(context, {
    environment: target.name,
    deploymentId: previous,
    ...(token === undefined ? {} : { token }),
  });
  return { note: `back to ${previous} in ${formatDuration(result.tookMs)}` };
}
