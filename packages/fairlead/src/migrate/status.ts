import { withClient } from "../databases/index.ts";
import type { Context } from "../kernel/index.ts";
import { atHome } from "./place.ts";
import type { AppliedMigration, Migration, Query } from "./port.ts";
import { type MigrationRequest, queryOver } from "./request.ts";

/** The files of an application's migrations beside what its tool has recorded in a database. */
export interface MigrationStatus {
  /** Oldest first. */
  applied: AppliedMigration[];
  /** In the order in which they will run. */
  pending: Migration[];
  /** In the database but not in the files: the database is ahead of these files. */
  unknown: AppliedMigration[];
  /** Began and did not end well, by the tool's own record. */
  failed: AppliedMigration[];
}

/**
 * Compares the files with the tool's own record; changes nothing. Errors: `migrations-missing`,
 * `database-unreachable`.
 */
export async function migrationStatus(context: Context, request: MigrationRequest): Promise<MigrationStatus> {
  context.signal.throwIfAborted();
  return withClient(request.databaseUrl, (client) => statusOver(queryOver(client), atHome(request)));
}

/** The same over a session that is there. */
export async function statusOver(query: Query, request: MigrationRequest): Promise<MigrationStatus> {
  const migrations = await request.tool.list(request);
  const recorded = await request.tool.applied(query, request);
  const applied = recorded.filter((migration) => migration.failed !== true);
  const failed = recorded.filter((migration) => migration.failed === true);
  const done = new Set(applied.map((migration) => migration.name));
  const known = new Set(migrations.map((migration) => migration.name));
  return {
    applied,
    pending: migrations.filter((migration) => !done.has(migration.name)),
    unknown: applied.filter((migration) => !known.has(migration.name)),
    failed,
  };
}
