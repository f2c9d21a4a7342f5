import { type Context, Secret } from "../kernel/index.ts";
import type { MigrationCall, MigrationPlace, MigrationTool, Query } from "./port.ts";
import { resolveProgram } from "./program.ts";

/** Which migrations are meant, and against which database. */
export interface MigrationRequest extends MigrationPlace {
  tool: MigrationTool;
  databaseUrl: Secret;
  /** Further variables of the tool's process, as the application's configuration reads them. */
  variables?: Record<string, string | Secret>;
}

export interface RunOptions {
  /** What the tool's sessions call themselves (`application_name`), so that they can be found and ended. */
  applicationName?: string;
  /** Called with each piece of output as it comes, secrets redacted. */
  onOutput?: (text: string) => void;
  /** Called with the pid of each process that is started. */
  onStart?: (pid: number) => void;
  signal?: AbortSignal;
}

/** What came out of one or several runs of a tool. */
export interface ToolRun {
  code: number;
  /** Both streams in the order in which they came. */
  output: string;
  durationMs: number;
}

const timeoutMs = 6 * 60 * 60_000;
const keptOutput = 200_000;

/** The call of a request's tool. */
export function callOf(request: MigrationRequest): MigrationCall {
  const { applicationDirectory, databaseUrl, directory } = request;
  return {
    applicationDirectory,
    directory,
    databaseUrl,
    program: (packageName, binary) => resolveProgram(applicationDirectory, packageName, binary),
  };
}

/** Runs commands of a tool one after the other, until one does not end with 0. */
export async function runTool(
  context: Context,
  request: MigrationRequest,
  commands: readonly string[][],
  options: RunOptions = {},
): Promise<ToolRun> {
  const run: ToolRun = { code: 0, output: "", durationMs: 0 };
  for (const argv of commands) {
    const result = await context.exec(argv, {
      cwd: request.applicationDirectory,
      env: environmentFor(request, options.applicationName ?? "fairlead-migrate"),
      timeoutMs,
      onOutput: (text) => {
        run.output = (run.output + text).slice(-keptOutput);
        options.onOutput?.(text);
      },
      ...(options.onStart === undefined ? {} : { onStart: options.onStart }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    run.code = result.code;
    run.durationMs += result.durationMs;
    if (result.code !== 0) break;
  }
  return run;
}

/** Runs a query over a client's session. */
export function queryOver(client: {
  query(sql: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}): Query {
  return async <Row extends object>(sql: string, values?: unknown[]) => {
    const result = await client.query(sql, values);
    return result.rows as Row[];
  };
}

// A tool's configuration may read the URL or the libpq variables; both name the same database, and no other
// is left over.
function environmentFor(
  request: MigrationRequest,
  applicationName: string,
): Record<string, string | Secret | undefined> {
  const url = new URL(request.databaseUrl.reveal());
  return {
    NODE_ENV: "production",
    PGOPTIONS: undefined,
    PGSERVICE: undefined,
    PGPASSFILE: undefined,
    ...request.variables,
    PGHOST: url.hostname.replace(/^\[|\]$/g, ""),
    PGPORT: url.port === "" ? "5432" : url.port,
    PGDATABASE: decodeURIComponent(url.pathname.slice(1)),
    PGUSER: decodeURIComponent(url.username),
    PGPASSWORD: url.password === "" ? undefined : new Secret(decodeURIComponent(url.password)),
    PGAPPNAME: applicationName,
    FORCE_COLOR: "0",
    NO_COLOR: "1",
    DATABASE_URL: request.databaseUrl,
    ...request.tool.variables?.(callOf(request)),
  };
}
