import { FairleadError, formatDuration } from "../../kernel/index.ts";
import { watch as runWatch, type WatchReport } from "../../probe/index.ts";
import type { StepDefinition } from "../step.ts";

const firstWatchSeconds = 3;

/** Judges the new release under real traffic; a bad one fails this step, and is taken back by its undoing. */
export const watch: StepDefinition = {
  name: "watch",
  title: (plan) => `Watch ${plan.environment}`,
  async apply(run) {
    const { context, target, plan } = run;
    const { seconds: wanted, ...settings } = target.config.watch;
    // With nothing to compare with and nothing to go back to, only a crash is worth waiting for.
    const seconds = run.facts.switchedFrom === undefined ? Math.min(wanted, firstWatchSeconds) : wanted;
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
      if (report.ok) return { note: noteOf(report) };
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

function noteOf({ verdict, summary, elapsedMs }: WatchReport): string {
  if (verdict.state === "healthy") return summary;
  return `nothing bad in ${formatDuration(elapsedMs)}, not enough to judge: ${verdict.reasons.join("; ")}`;
}

function isLeaseLost(signal: AbortSignal): boolean {
  return signal.reason instanceof FairleadError && signal.reason.code === "lease-lost";
}
