import { sql } from "kysely";

import type { ReadinessCheck } from "@fairlead/runtime";

import { database } from "./database.ts";
import { expectedMigration } from "./expected-migration.ts";

/** Reachable: a query is answered. */
export const databaseCheck: ReadinessCheck = async () => {
  await sql`select 1`.execute(database());
  return undefined;
};

/**
 * The schema has the newest migration that this release knows. One that is ahead is fine: during a deploy the
 * database is migrated while the release before still serves.
 */
export const schemaCheck: ReadinessCheck = async () => {
  const { rows } = await sql<{ name: string }>`
    select name from pgmigrations where name = ${expectedMigration}
  `.execute(database());
  return rows.length > 0 ? undefined : `migration ${expectedMigration} is not applied`;
};
