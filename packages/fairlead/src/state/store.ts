import pg from "pg";

import { codeOf, FairleadError, messageOf, type Secret } from "../kernel/index.ts";
import { schemaVersions } from "./schema.ts";

/** Names the database an environment must have. */
export interface Identity {
  application: string;
  environment: string;
}

/** An environment's state: the schema `fairlead` in its own database. */
export interface StateStore {
  readonly identity: Identity;
  /** Raised by a restore, so that tokens given out before it are old. */
  readonly fence: number;
  query<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]>;
  transaction<T>(work: (query: StateStore["query"]) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const connectTimeoutMs = 5000;
const statementTimeoutMs = 120_000;
// Any constant that nobody else takes: the bytes of "fairlead" as a number.
const schemaLockKey = "7377581829411202404";

/**
 * Opens the state of an environment, creating the schema where there is none.
 * Errors: `database-unreachable`; `identity-mismatch` when the database says that it belongs to another environment.
 */
export async function openState(url: Secret, identity: Identity): Promise<StateStore> {
  const pool = new pg.Pool({
    connectionString: url.reveal(),
    max: 3,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: 10_000,
    // A database that has stopped answering must not hold a deploy for ever.
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 10_000,
    allowExitOnIdle: true,
    application_name: "fairlead",
  });
  // A connection that the server ends while idle is replaced at the next query.
  pool.on("error", () => undefined);
  try {
    await install(pool, identity);
    const fence = await verifyIdentity(pool, identity);
    return store(pool, identity, fence);
  } catch (error) {
    await pool.end();
    throw unreachable(error, identity.environment);
  }
}

function store(pool: pg.Pool, identity: Identity, fence: number): StateStore {
  return {
    identity,
    fence,
    query: async <Row extends object>(sql: string, values: unknown[] = []) =>
      (await pool.query<Row & pg.QueryResultRow>(sql, values)).rows,
    transaction: (work) => inTransaction(pool, work),
    close: () => pool.end(),
  };
}

async function inTransaction<T>(pool: pg.Pool, work: (query: StateStore["query"]) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query("begin");
    const result = await work(
      async <Row extends object>(sql: string, values: unknown[] = []) =>
        (await client.query<Row & pg.QueryResultRow>(sql, values)).rows,
    );
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback").catch(() => {
      broken = true;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

async function install(pool: pg.Pool, identity: Identity): Promise<void> {
  const present = await pool.query<{ version: string | null }>(
    "select obj_description(to_regnamespace('fairlead')::oid, 'pg_namespace') as version",
  );
  if (Number(present.rows[0]?.version ?? 0) >= schemaVersions.length) return;
  await inTransaction(pool, async (query) => {
    await query(`select pg_advisory_xact_lock(${schemaLockKey})`);
    await query("create schema if not exists fairlead");
    const rows = await query<{ version: string | null }>(
      "select obj_description(to_regnamespace('fairlead')::oid, 'pg_namespace') as version",
    );
    const installed = Number(rows[0]?.version ?? 0);
    for (const statements of schemaVersions.slice(installed)) await query(statements);
    await query(`comment on schema fairlead is '${String(schemaVersions.length)}'`);
    await query(
      "insert into fairlead.identity (application, environment) values ($1, $2) on conflict do nothing",
      [identity.application, identity.environment],
    );
  });
}

async function verifyIdentity(pool: pg.Pool, wanted: Identity): Promise<number> {
  const { rows } = await pool.query<Identity & { fence: string }>(
    "select application, environment, fence from fairlead.identity",
  );
  const found = rows[0];
  if (found?.application === wanted.application && found.environment === wanted.environment) {
    return Number(found.fence);
  }
  const owner = found === undefined ? "nobody" : `${found.application}/${found.environment}`;
  throw new FairleadError(
    "identity-mismatch",
    `the database given for ${wanted.application}/${wanted.environment} belongs to ${owner}`,
    {
      exit: "usage",
      hint:
        "Nothing was run against it. Point the environment at its own database; " +
        "the table fairlead.identity there says whose it is.",
    },
  );
}

function unreachable(error: unknown, environment: string): unknown {
  if (error instanceof FairleadError) return error;
  const code = codeOf(error);
  // Classes 08 (connection) and 57P (operator intervention), plus what the operating system and the driver say.
  const connection = code === undefined || /^(08|57P|28|3D|E[A-Z]+$)/.test(code);
  if (!connection) return error;
  return new FairleadError(
    "database-unreachable",
    `the database of ${environment} does not answer: ${messageOf(error)}`,
    {
      cause: error,
      exit: "environment",
      hint: "`fairlead up` starts it; `fairlead doctor` says what is wrong.",
    },
  );
}
