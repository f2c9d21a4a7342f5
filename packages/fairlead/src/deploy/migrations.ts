import type { Secret } from "../kernel/index.ts";
import { type MigrationRequest, migrationTools } from "../migrate/index.ts";
import type { PlannedMigrations } from "./plan.ts";

/** The call of an application's own migration tool against one database. */
export function migrationRequest(
  source: NonNullable<PlannedMigrations["source"]>,
  application: string,
  databaseUrl: Secret,
): MigrationRequest {
  return {
    tool: migrationTools[source.tool],
    applicationDirectory: application,
    directory: source.directory,
    databaseUrl,
  };
}

/** How the sessions of a plan's migrations call themselves (`application_name`), so that they can be found and ended. */
export function migrationSessionName(planId: string): string {
  return `fairlead-migrate-${planId}`;
}
