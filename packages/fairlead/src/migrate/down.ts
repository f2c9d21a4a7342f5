import { type Context, FairleadError } from "../kernel/index.ts";
import { databaseError, shownOutput } from "./failure.ts";
import { atHome } from "./place.ts";
import { callOf, type MigrationRequest, type RunOptions, runTool } from "./request.ts";
import { statusNow } from "./up.ts";

/** What a run has taken back, by the tool's own record before and after. */
export interface UndoneMigrations {
  /** Names, newest first. */
  undone: string[];
  /** What the tool printed, secrets redacted. */
  output: string;
  durationMs: number;
}

/**
 * Takes the last `count` migrations back with the tool's own way down, and believes only the tool's record.
 * Errors: `migration-irreversible` where the tool has no way down, `migration-down-failed`,
 * `migration-tool-missing`.
 */
export async function migrateDown(
  context: Context,
  given: MigrationRequest,
  count: number,
  options: RunOptions = {},
): Promise<UndoneMigrations> {
  const request = atHome(given);
  if (count <= 0) return { undone: [], output: "", durationMs: 0 };
  const before = await statusNow(request);
  const names = before.applied
    .map((migration) => migration.name)
    .slice(-count)
    .reverse();
  if (request.tool.down === undefined) throw noWayDown(request, names);
  const run = await runTool(context, request, await request.tool.down(callOf(request), names), options);
  const after = await statusNow(request);
  const left = new Set(after.applied.map((migration) => migration.name));
  const undone = names.filter((name) => !left.has(name));
  const expected = before.applied.length - names.length;
  if (run.code === 0 && undone.length === names.length && after.applied.length === expected) {
    return { undone, output: run.output, durationMs: run.durationMs };
  }
  const stuck = names.find((name) => left.has(name)) ?? "a migration";
  const reason = databaseError(run.output) ?? `exit code ${String(run.code)}`;
  throw new FairleadError("migration-down-failed", `${stuck} can't be taken back: ${reason}`, {
    hint: `Correct the way down of ${stuck}, or correct the schema by a new migration.`,
    details: [
      undone.length === 0 ? "Nothing was taken back." : `Taken back before it: ${undone.join(", ")}.`,
      ...shownOutput(run.output),
    ],
  });
}

function noWayDown(request: MigrationRequest, names: string[]): FairleadError {
  return new FairleadError("migration-irreversible", `${request.tool.name} has no way down`, {
    hint: `Correct the schema by a new migration; in the way are ${names.join(", ")}.`,
  });
}
