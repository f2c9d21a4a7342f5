import { FairleadError } from "../../kernel/index.ts";
import type { StartRequest } from "../../platforms/index.ts";
import type { Run, StepDefinition } from "../step.ts";
import { variablesOf } from "../target.ts";

/** Starts the new deployment dark: healthy on its private address, without public traffic. */
export const start: StepDefinition = {
  name: "start",
  title: () => "Start the new deployment",
  async apply(run) {
    const view = await run.target.platform.start(run.context, await startRequest(run));
    const count = view.instances.length;
    return {
      note: `${view.id}, ${String(count)} ${count === 1 ? "process" : "processes"}, healthy and dark`,
      facts: view.privateAddress === undefined ? {} : { privateAddress: view.privateAddress },
    };
  },
  async undo(run) {
    const { context, target, plan, token } = run;
    // Looked up first: where the host could not even start, there is nobody to ask and nothing to stop.
    const view = await target.platform.observe(context, target.name);
    const deployment = view.deployments.find((candidate) => candidate.id === plan.deploymentId);
    if (deployment === undefined || deployment.state === "stopped" || deployment.state === "failed") {
      return { note: "nothing of it runs", skipped: true };
    }
    await target.platform.stop(context, {
      environment: target.name,
      deploymentId: plan.deploymentId,
      ...(token === undefined ? {} : { token }),
    });
    return { note: `${plan.deploymentId} stopped` };
  },
};

async function startRequest(run: Run): Promise<StartRequest> {
  const { context, target, plan, facts, token } = run;
  if (
    facts.releaseId === undefined ||
    facts.applicationDirectory === undefined ||
    facts.start === undefined
  ) {
    throw new FairleadError("release-missing", "there is no release to start");
  }
  return {
    environment: target.name,
    deploymentId: plan.deploymentId,
    release: {
      id: facts.releaseId,
      version: plan.to.version,
      ...(plan.to.sha === undefined ? {} : { sha: plan.to.sha }),
    },
    directory: facts.applicationDirectory,
    start: facts.start,
    health: { path: plan.healthPath, timeoutMs: target.config.health.timeoutSeconds * 1000 },
    instances: target.environment.instances,
    variables: await variablesOf(context, target),
    drainTimeoutMs: target.config.drainSeconds * 1000,
    ...(token === undefined ? {} : { token }),
  };
}
