import { FairleadError } from "../../kernel/index.ts";
import { smoke as runSmoke, type SmokeReport } from "../../probe/index.ts";
import type { Run, StepDefinition } from "../step.ts";

/** Runs the checks against the new deployment on its private address, before anybody else sees it. */
export const smoke: StepDefinition = {
  name: "smoke",
  title: () => "Smoke-test it in the dark",
  async apply(run) {
    const view = await run.target.platform.observe(run.context, run.target.name);
    const deployment = view.deployments.find((candidate) => candidate.id === run.plan.deploymentId);
    const address = deployment?.privateAddress;
    if (address === undefined) {
      throw new FairleadError(
        "smoke-failed",
        `${run.plan.deploymentId} has no address: ${deployment?.state ?? "gone"}`,
      );
    }
    const report = await smokeAt(run, address);
    if (!report.ok) throw smokeFailed(run.plan.deploymentId, report);
    return { note: report.summary };
  },
};

/** Smokes one deployment with the target's checks. */
export function smokeAt(
  run: Pick<Run, "context" | "target" | "plan">,
  address: string,
): Promise<SmokeReport> {
  const { smoke: settings } = run.target.config;
  return runSmoke(run.context, {
    address,
    healthPath: run.plan.healthPath,
    checks: settings.checks,
    crawlPages: settings.crawlPages,
    timeoutMs: settings.timeoutSeconds * 1000,
  });
}

/** The error of a deployment that did not pass, with every page that failed. */
function smokeFailed(deploymentId: string, report: SmokeReport): FairleadError {
  return new FairleadError("smoke-failed", `${deploymentId} did not pass its smoke test: ${report.summary}`, {
    details: report.checked
      .filter((check) => check.problem !== undefined)
      .map((check) => `${check.path}: ${check.problem ?? ""}`),
    hint: "`fairlead logs` shows what it said meanwhile.",
  });
}
