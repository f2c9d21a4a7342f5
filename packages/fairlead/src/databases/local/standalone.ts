import { join } from "node:path";

import pg from "pg";

import { type Context, lastLines } from "../../kernel/index.ts";
import { type Account } from "./account.ts";
import { type Binaries, hasStatementStatistics } from "./binaries.ts";
import { startFailure } from "./failure.ts";

export interface StandaloneRequest {
  data: string;
  account: Account | undefined;
  binaries: Binaries;
  database: string;
  /** Long enough for the recovery of a copy. */
  timeoutMs?: number;
}

const standaloneTimeoutMs = 30 * 60_000;

/**
 * Runs statements on a stopped cluster in single-user mode (postgres(1), `--single`): no port is open
 * meanwhile, so nobody connects before they have taken effect. Recovers the cluster first where that is
 * needed; stops at the first error.
 */
export async function runStandalone(
  context: Context,
  request: StandaloneRequest,
  statements: string[],
): Promise<void> {
  const { account, binaries, data } = request;
  const argv = [
    join(binaries.directory, "postgres"),
    "--single",
    "-D",
    data,
    "-c",
    "exit_on_error=on",
    ...((await hasStatementStatistics(binaries)) ? [] : ["-c", "shared_preload_libraries="]),
    request.database,
  ];
  // In this mode a line break ends a statement.
  const input = statements.map((statement) => `${statement.replaceAll("\n", " ")}\n`).join("");
  const result = await context.exec(argv, {
    ...account,
    cwd: "/",
    env: { LC_ALL: "C", PGOPTIONS: undefined, PGDATA: undefined },
    input,
    timeoutMs: request.timeoutMs ?? standaloneTimeoutMs,
  });
  if (result.code === 0) return;
  throw startFailure({
    what: "Postgres cannot prepare the database",
    folder: data,
    lines: lastLines(withoutVerifiers(result.stderr), 12),
  });
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return pg.escapeLiteral(text);
}

function withoutVerifiers(text: string): string {
  return text.replaceAll(/SCRAM-SHA-256\$[^\s']+/g, "[redacted]");
}
