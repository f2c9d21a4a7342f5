import { FairleadError, lastLines } from "../kernel/index.ts";
import type { Migration } from "./port.ts";
import type { MigrationRequest, ToolRun } from "./request.ts";
import type { MigrationStatus } from "./status.ts";

const shownLines = 20;

/**
 * The error of a run that left something undone: which migration, the database's words, what was applied,
 * what to do.
 */
export function migrationFailed(
  request: MigrationRequest,
  run: ToolRun,
  outcome: { applied: string[]; after: MigrationStatus },
): FairleadError {
  const { applied, after } = outcome;
  const culprit = culpritOf(run.output, after.pending);
  const reason = databaseError(run.output) ?? (run.code === 0 ? undefined : `exit code ${String(run.code)}`);
  const what = culprit === undefined ? "the migrations" : `migration ${culprit.name}`;
  const message =
    run.code === 0
      ? `${request.tool.name} ended with 0 but has not applied ${what}`
      : `${what} failed: ${reason ?? "no reason was given"}`;
  return new FairleadError("migration-failed", message, {
    hint: remedy(request, run, culprit, applied),
    details: [
      applied.length === 0
        ? "Nothing of it was applied."
        : `Applied before it, and kept: ${applied.join(", ")}.`,
      `Still pending: ${after.pending.map((migration) => migration.name).join(", ")}.`,
      ...lastLines(run.output, shownLines),
    ],
  });
}

// A run without an error that changed nothing most likely went to another database.
function remedy(
  request: MigrationRequest,
  run: ToolRun,
  culprit: Migration | undefined,
  applied: string[],
): string {
  if (run.code === 0 && applied.length === 0 && databaseError(run.output) === undefined) {
    return (
      `Check that the configuration of ${request.tool.name} takes its database from DATABASE_URL ` +
      `and its files from ${request.directory}.`
    );
  }
  if (applied.length > 0)
    return `Correct ${culprit?.path ?? "it"} and run again: it goes on after ${applied.at(-1) ?? ""}.`;
  return `Correct ${culprit?.path ?? "the migration"} and run again.`;
}

/** The pending migration that a tool's output mentions last, else the first one. */
export function culpritOf(output: string, pending: readonly Migration[]): Migration | undefined {
  let found: { migration: Migration; position: number } | undefined;
  for (const migration of pending) {
    const position = Math.max(output.lastIndexOf(migration.name), output.lastIndexOf(migration.path));
    if (position > (found?.position ?? -1)) found = { migration, position };
  }
  return found?.migration ?? pending[0];
}

/** What Postgres said, as the drivers print it: `ERROR: …`, `error: …`, `QueryFailedError: …`, `pq: …`. */
export function databaseError(output: string): string | undefined {
  const before = String.raw`^\W*(?:(?:migration|Uncaught|Caused by)\b[^\n]*?)?`;
  const name = String.raw`\b(?:ERROR|error|DatabaseError|PostgresError|QueryFailedError|pq)\b`;
  const pattern = new RegExp(String.raw`${before}${name}[^:\n]{0,20}: *(\S.*)$`, "m");
  const code = /\bcode: '([0-9A-Z]{5})'/.exec(output)?.[1];
  const message = pattern.exec(output)?.[1]?.trim();
  if (message === undefined) return undefined;
  return code === undefined ? message : `${message} (SQLSTATE ${code})`;
}
