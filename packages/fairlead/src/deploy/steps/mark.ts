import type { StepDefinition } from "../step.ts";

/** Makes a point of the database to come back to; only where migrations will change it. */
export const mark: StepDefinition = {
  name: "mark",
  title: () => "Mark a point to come back to",
  async apply(run) {
    const { context, target, plan } = run;
    if (plan.migrations.pending.length === 0) return { note: "no migrations", skipped: true };
    if (target.database.branches === undefined) {
      return { note: `${target.database.name} keeps no copies`, skipped: true };
    }
    const branch = await target.database.branch(context, target.name, markName(plan.id));
    const size = `${(branch.sizeBytes / 1_048_576).toFixed(0)} MB`;
    return {
      note: `${branch.method}, ${size}`,
      facts: { mark: branch.name },
    };
  },
  async undo(run) {
    const { context, target, plan } = run;
    await target.database.branches?.delete(context, target.name, markName(plan.id));
    return { note: "deleted" };
  },
};

/** The name of the copy made before a plan's migrations. */
function markName(planId: string): string {
  return `mark-${planId}`;
}
