import { FairleadError } from "../../kernel/index.ts";
import { watch as runWatch } from "../../probe/index.ts";
import type { StepDefinition } from "../step.ts";

/** Judges the new release under real traffic; a bad one fails this step, and is taken back by its undoing. */
export const watch: StepDefinition = {
  name: "watch",
  title: (plan) => `Watch ${plan.environment}`,
  async apply(run) {
    const { context, target, plan } = run;
    const { seconds, ...settings } = target.config.watch;
    if (seconds === 0) return { note: "switched off by the config", skipped: true };
    try {
      const report = await runWatch(context, {
        observe: () => target.platform.observe(context, target.name),
        deploymentId: plan.deploymentId,
        ...(run.facts.switchedFrom === undefined ? {} : { previous: run.facts.switchedFrom }),
        ...(run.facts.viewBeforeSwitch === undefined ? {} : { before: run.facts.viewBeforeSwitch }),
        healthAddress: run.facts.privateAddress ?? "",
        healthPath: plan.healthPath,
        settings,
        seconds,
        signal: context.signal,
        onProgress: run.progress,
      });
      if (report.ok) return { note: report.summary };
      throw new FairleadError(
        "watch-failed",
        `${plan.to.id ?? plan.deploymentId} is bad: ${report.summary}`,
        {
          details: report.verdict.reasons,
        },
      );
    } catch (error) {
      if (!context.signal.aborted || isLeaseLost(context.signal)) throw error;
      // Traffic is switched: being interrupted here leaves the new release where it is.
      return { note: "cut short by you" };
    }
  },
};

function isLeaseLost(signal: AbortSignal): boolean {
  return signal.reason instanceof FairleadError && signal.reason.code === "lease-lost";
}
