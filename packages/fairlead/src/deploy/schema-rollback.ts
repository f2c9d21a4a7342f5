import { readRelease } from "../build/index.ts";
import { type Context, FairleadError } from "../kernel/index.ts";
import { migrateDown, migrationStatus } from "../migrate/index.ts";
import type { EnvironmentView } from "../platforms/index.ts";
import { listPlans } from "../state/index.ts";
import { migrationRequest, migrationSessionName } from "./migrations.ts";
import type { DeployReport, Plan } from "./plan.ts";
import type { OpenTarget } from "./target.ts";

/**
 * Says what becomes of the schema after the code went back, and with `undo` takes the migrations of the abandoned release
 * back by their proved down migrations, after a copy was made. Gives one sentence for people.
 */
export async function rollBackSchema(
  context: Context,
  target: OpenTarget | undefined,
  before: EnvironmentView,
  undo: boolean,
): Promise<string> {
  if (target === undefined) return "unknown: the database did not answer";
  const plans = await listPlans<Plan, DeployReport>(target.state, { states: ["succeeded"], limit: 50 });
  const record = plans.find(({ plan }) => plan.deploymentId === before.active && plan.kind !== "rollback");
  const migrated = record?.report?.migrations ?? [];
  if (record === undefined || migrated.length === 0) return "unchanged";
  if (!undo) return `stays as it is: ${migrated.join(", ")} (the old release was healthy on it)`;
  const { source } = record.plan.migrations;
  const release = await readRelease(target.root, record.report?.release ?? "");
  if (record.plan.rollback.schema !== "down" || source === undefined || release === undefined) {
    throw new FairleadError(
      "irreversible",
      `the code is back, but ${migrated.join(", ")} can't be taken back`,
      {
        hint: record.plan.rollback.reason,
      },
    );
  }
  const request = migrationRequest(source, release.applicationDirectory, target.databaseUrl);
  const { applied } = await migrationStatus(context, request);
  const newest = applied.slice(-migrated.length).map((migration) => migration.name);
  if (newest.join() !== migrated.join()) {
    throw new FairleadError(
      "irreversible",
      "the code is back, but later migrations stand on those to be taken back",
      {
        details: newest,
      },
    );
  }
  await target.database.branch(context, target.name, `mark-${record.id}-rolled-back`);
  await migrateDown(context, request, migrated.length, { applicationName: migrationSessionName(record.id) });
  return `taken back: ${migrated.join(", ")} (a copy from before is kept: mark-${record.id}-rolled-back)`;
}
