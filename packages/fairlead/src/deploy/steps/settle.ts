import { pruneReleases } from "../../build/index.ts";
import type { EnvironmentView } from "../../platforms/index.ts";
import { recordRelease, useApproval } from "../../state/index.ts";
import type { Run, StepDefinition } from "../step.ts";
import { releasesInUse } from "../target.ts";

const marksKept = 3;

/** Ends a deploy: the old deployment stays warm for a rollback, older ones are retired, old marks and releases pruned. */
export const settle: StepDefinition = {
  name: "settle",
  title: () => "Settle",
  async apply(run) {
    const { target, plan, facts } = run;
    await recordRelease(target.state, {
      id: facts.releaseId ?? plan.to.id ?? plan.deploymentId,
      version: plan.to.version,
      ...(plan.to.sha === undefined ? {} : { sha: plan.to.sha }),
      digest: plan.to.inputDigest,
      deploymentId: plan.deploymentId,
      migrations: facts.migrationsApplied ?? [],
    });
    if (plan.needsApproval) await useApproval(target.state, plan.digest, plan.id);
    const view = await target.platform.observe(run.context, target.name);
    const retired = await retire(run, view);
    await pruneMarks(run);
    await prune(run);
    const kept = view.previous === undefined ? "no earlier release" : `${view.previous} stays warm`;
    return { note: retired === 0 ? kept : `${kept}, ${String(retired)} retired` };
  },
};

async function retire(run: Run, view: EnvironmentView): Promise<number> {
  const { context, target, token } = run;
  const superfluous = view.deployments.filter(
    (deployment) =>
      deployment.id !== view.active &&
      deployment.id !== view.previous &&
      deployment.state !== "stopped" &&
      deployment.state !== "failed",
  );
  for (const deployment of superfluous) {
    await target.platform.stop(context, {
      environment: target.name,
      deploymentId: deployment.id,
      ...(token === undefined ? {} : { token }),
    });
  }
  return superfluous.length;
}

async function pruneMarks(run: Run): Promise<void> {
  const { context, target } = run;
  const branches = target.database.branches;
  if (branches === undefined) return;
  const marks = (await branches.list(context, target.name))
    .filter((branch) => branch.name.startsWith("mark-"))
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  for (const branch of marks.slice(marksKept)) await branches.delete(context, target.name, branch.name);
}

async function prune(run: Run): Promise<void> {
  const inUse = await releasesInUse(run.context, run.target);
  await pruneReleases(run.target.root, run.target.config.keepReleases, inUse);
}
