export { databaseOf, platformOf } from "./adapters.ts";
export { executePlan } from "./execution.ts";
export { migrationRequest } from "./migrations.ts";
export * from "./plan.ts";
export { renderPlan, renderReport } from "./plan-text.ts";
export { activeReleaseOf, makePlan, type PlanSource, sourcesOf } from "./planning.ts";
export { recover, type Recovery } from "./recovery.ts";
export { rollBack, type RollbackReport } from "./rollback.ts";
export * from "./target.ts";
