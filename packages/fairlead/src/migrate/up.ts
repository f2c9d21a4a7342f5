import { withClient } from "../databases/index.ts";
import type { Context } from "../kernel/index.ts";
import { migrationFailed } from "./failure.ts";
import { atHome } from "./place.ts";
import { callOf, type MigrationRequest, queryOver, type RunOptions, runTool } from "./request.ts";
import { type MigrationStatus, statusOver } from "./status.ts";

/** What a run has done, by the tool's own record before and after. */
export interface MigrationResult {
  /** Names in the order in which they were applied. */
  applied: string[];
  /** What the tool printed, secrets redacted. */
  output: string;
  durationMs: number;
}

/**
 * Applies everything that is pending with the application's own tool. Exit code 0 is never believed: the
 * tool's record is compared before and after. Errors: `migration-failed` (which one, the database's words,
 * the tool's last lines, the remedy), `migration-tool-missing`, `migrations-missing`, `cancelled`.
 */
export async function migrateUp(
  context: Context,
  given: MigrationRequest,
  options: RunOptions = {},
): Promise<MigrationResult> {
  const request = atHome(given);
  return applyPending(context, request, async () => [await request.tool.up(callOf(request))], options);
}

/**
 * Applies with the given commands and checks by the record that `isDone`; by default, that nothing is
 * pending.
 */
export async function applyPending(
  context: Context,
  request: MigrationRequest,
  commands: () => Promise<string[][]>,
  options: RunOptions & { isDone?: (status: MigrationStatus) => boolean } = {},
): Promise<MigrationResult> {
  const before = await statusNow(request);
  if (before.pending.length === 0) return { applied: [], output: "", durationMs: 0 };
  const run = await runTool(context, request, await commands(), options);
  const after = await statusNow(request);
  const known = new Set(before.applied.map((migration) => migration.name));
  const applied = after.applied.map((migration) => migration.name).filter((name) => !known.has(name));
  const isDone = options.isDone ?? ((status) => status.pending.length === 0);
  if (run.code !== 0 || !isDone(after)) throw await migrationFailed(request, run, { applied, after });
  return { applied, output: run.output, durationMs: run.durationMs };
}

/** The status over a session of its own, so that none stays open while the tool works. */
export function statusNow(request: MigrationRequest): Promise<MigrationStatus> {
  return withClient(request.databaseUrl, (client) => statusOver(queryOver(client), request));
}
