import pg from "pg";

import { codeOf, FairleadError, messageOf, redact, type Secret } from "../kernel/index.ts";

export interface ClientOptions {
  /** How the session shows up in `pg_stat_activity`; `fairlead` unless told. */
  applicationName?: string;
  /** 10 s unless told. */
  connectTimeoutMs?: number;
  /** Ends a statement on the server; none unless told. */
  statementTimeoutMs?: number;
}

const connectTimeoutMs = 10_000;

/**
 * Opens one session; the caller ends it. Errors: `database-unreachable`, which names the place and the reason
 * and never the password; its `cause` keeps the SQLSTATE or system code.
 */
export async function openClient(url: Secret, options: ClientOptions = {}): Promise<pg.Client> {
  const place = describeUrl(url);
  const client = createClient(url, options);
  // A session that is lost while idle shows itself at the next query; without a listener it would end the
  // process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw unreachable(place, url, error);
  }
}

/** Opens a session for the time of `use`. */
export async function withClient<T>(
  url: Secret,
  use: (client: pg.Client) => Promise<T>,
  options: ClientOptions = {},
): Promise<T> {
  const client = await openClient(url, options);
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The server's version (`15.18`) and the database's size in bytes. */
export async function readServerDetails(url: Secret): Promise<{ version: string; sizeBytes: number }> {
  const sql =
    "select current_setting('server_version') as version, pg_database_size(current_database())::text as size";
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ version: string; size: string }>(sql);
    const [row] = rows;
    if (row === undefined) throw new Error("the server gave no row");
    return { version: row.version.replace(/ .*/, ""), sizeBytes: Number(row.size) };
  });
}

/**
 * A connection URL without its password, for people; `a database URL that cannot be read` when it is none.
 */
export function describeUrl(url: Secret): string {
  try {
    const parsed = new URL(url.reveal());
    const user = parsed.username === "" ? "" : `${decodeURIComponent(parsed.username)}@`;
    return `${parsed.protocol}//${user}${parsed.host}${parsed.pathname}`;
  } catch {
    return "a database URL that cannot be read";
  }
}

function createClient(url: Secret, options: ClientOptions): pg.Client {
  try {
    return new pg.Client({
      connectionString: url.reveal(),
      connectionTimeoutMillis: options.connectTimeoutMs ?? connectTimeoutMs,
      application_name: options.applicationName ?? "fairlead",
      keepAlive: true,
      ...(options.statementTimeoutMs === undefined ? {} : { statement_timeout: options.statementTimeoutMs }),
    });
  } catch {
    // The parser's own error repeats the URL with its password, so it is not kept as the cause.
    throw new FairleadError("database-unreachable", "the database URL cannot be read", {
      exit: "environment",
      hint: "Write it as postgresql://role:password@host:port/database, special characters percent-encoded.",
    });
  }
}

function unreachable(place: string, url: Secret, error: unknown): FairleadError {
  const secrets = passwordsOf(url);
  const reason = redact(messageOf(error), secrets);
  const hint = hints[codeOf(error) ?? ""];
  return new FairleadError("database-unreachable", `cannot connect to ${place}: ${reason}`, {
    cause: error,
    exit: "environment",
    ...(hint === undefined ? {} : { hint }),
  });
}

/** The password in a connection URL, as it is written there and as it is meant. */
export function passwordsOf(url: Secret): string[] {
  try {
    const { password } = new URL(url.reveal());
    return [password, decodeURIComponent(password)].filter((text) => text !== "");
  } catch {
    return [];
  }
}

// By system error code or SQLSTATE (PostgreSQL documentation, "PostgreSQL Error Codes").
const hints: Record<string, string> = {
  ECONNREFUSED: "Nothing listens there: start the database, or correct host and port.",
  ENOTFOUND: "The host's name cannot be resolved: check it and the network.",
  EAI_AGAIN: "The host's name cannot be resolved just now: check the network, and try again.",
  "28P01": "The role or its password is wrong for this server.",
  "28000": "The server does not let this role in from here.",
  "3D000": "The server has no database of that name: create it, or correct the URL.",
  "53300": "The server has no free connection: close some, or raise max_connections.",
  "57P03": "The server is starting or recovering: try again in a moment.",
};
