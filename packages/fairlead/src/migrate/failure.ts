import { FairleadError, lastLines } from "../kernel/index.ts";
import { readMigration } from "./files.ts";
import { refusedStatement } from "./observer.ts";
import type { Migration } from "./port.ts";
import type { MigrationRequest, ToolRun } from "./request.ts";
import type { MigrationStatus } from "./status.ts";

const shownLines = 20;
/** Lines in which Node.js prints a stack or the fields of a database error; they bury what matters. */
const noise = new RegExp(
  [
    String.raw`^\s+at `,
    String.raw`^\s*(length|severity|position|file|line|routine|driverError|parameters): `,
    String.raw`^\s*(detail|hint|internal\w+|where|schema|table|column|dataType|constraint): undefined`,
    String.raw`^[\s{},]*$`,
  ].join("|"),
);

/**
 * The error of a run that left something undone: which migration, the database's words, what was applied,
 * what to do.
 */
export async function migrationFailed(
  request: MigrationRequest,
  run: ToolRun,
  outcome: { applied: string[]; after: MigrationStatus },
): Promise<FairleadError> {
  const { after, applied } = outcome;
  const culprit = await findCulprit(request, run.output, after.pending);
  const reason = databaseError(run.output) ?? `exit code ${String(run.code)}`;
  const names = after.pending.map((migration) => migration.name);
  const what = culprit === undefined ? `one of ${names.join(", ")}` : `migration ${culprit.name}`;
  const message =
    run.code === 0
      ? `${request.tool.name} ended with 0 but has not applied ${names.join(", ")}`
      : `${what} failed: ${reason}`;
  return new FairleadError("migration-failed", message, {
    hint: remedy(request, run, culprit, applied),
    details: [
      applied.length === 0
        ? "Nothing of it was applied."
        : `Applied before it, and kept: ${applied.join(", ")}.`,
      `Still pending: ${names.join(", ")}.`,
      ...shownOutput(run.output),
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
  const path = culprit?.path ?? "the migration";
  const last = applied.at(-1);
  return last === undefined
    ? `Correct ${path} and run again.`
    : `Correct ${path} and run again: it goes on after ${last}.`;
}

/** The last lines of a tool's output without stacks, control characters and empty lines. */
export function shownOutput(output: string): string[] {
  const plain = output.replaceAll(/\u001B\[[0-9;?]*[A-Za-z]/g, "\n").replaceAll("\r", "\n");
  const lines = plain.split("\n").filter((line) => !noise.test(line));
  const distinct = lines.filter((line, index) => line !== lines[index - 1]);
  return lastLines(distinct.join("\n"), shownLines);
}

/**
 * The migration with the statement that was refused, else the one that the output names last, else the only
 * one.
 */
async function findCulprit(
  request: MigrationRequest,
  output: string,
  pending: readonly Migration[],
): Promise<Migration | undefined> {
  const statement = refusedStatement(output);
  for (const migration of statement === undefined ? [] : pending) {
    const text = (await readMigration(request, migration.path)).replaceAll(/\s+/g, " ");
    if (statement !== undefined && text.includes(statement)) return migration;
  }
  return mentionedLast(output, pending) ?? (pending.length === 1 ? pending[0] : undefined);
}

/** The migration that a tool's output mentions last. */
function mentionedLast(output: string, migrations: readonly Migration[]): Migration | undefined {
  let found: { migration: Migration; position: number } | undefined;
  for (const migration of migrations) {
    const position = Math.max(output.lastIndexOf(migration.name), output.lastIndexOf(migration.path));
    if (position > (found?.position ?? -1)) found = { migration, position };
  }
  return found?.migration;
}

/**
 * What Postgres said, as the drivers print it: `ERROR: …`, `error: …`, `QueryFailedError: …`, `pq: …`,
 * `[error] …`.
 */
export function databaseError(output: string): string | undefined {
  const prefixed = /^.*\b(?:\w*Error|ERROR|error|pq)(?: \[[^\]]*\])?: +(\S.*)$/m.exec(output)?.[1];
  const message = prefixed ?? /^\s*\[?(?:ERROR|error)\]? +(\S.*)$/m.exec(output)?.[1];
  const code = /\bcode: '([0-9A-Z]{5})'/.exec(output)?.[1];
  if (message === undefined) return undefined;
  return code === undefined ? message.trim() : `${message.trim()} (SQLSTATE ${code})`;
}
