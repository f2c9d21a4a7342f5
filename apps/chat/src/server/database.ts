import { setTimeout as delay } from "node:timers/promises";

import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";

import { environment } from "./environment.ts";
import { logger } from "./logger.ts";
import { processWide } from "./process-wide.ts";
import type { ChatSchema } from "./schema.ts";
import { isDatabaseUnavailable, UnreachableError } from "./unavailable.ts";

/** Small, since two releases with several instances each share the database's connections during a deploy. */
const MAX_CONNECTIONS = 5;
const CONNECT_TIMEOUT_MS = 3000;
const STATEMENT_TIMEOUT_MS = 10_000;

/** How long a query waits for a database that restarts, before the visitor is told to try again. */
const PATIENCE_MS = 4000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;

/** What every connection of this application is opened with. */
export function connectionSettings(): pg.ClientConfig {
  return {
    connectionString: environment.values().DATABASE_URL,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: "chat",
    keepAlive: true,
  };
}

/** The typed query builder over the one pool of this process. */
export function database(): Kysely<ChatSchema> {
  return processWide("database", () => {
    const pool = createPool();
    const patient = { options: pool.options, connect: () => connectPatiently(pool), end: () => pool.end() };
    return new Kysely<ChatSchema>({ dialect: new PostgresDialect({ pool: patient }) });
  });
}

/** Closes the connections, for programs that end. */
export async function closeDatabase(): Promise<void> {
  await database().destroy();
}

function createPool(): pg.Pool {
  const pool = new pg.Pool({
    ...connectionSettings(),
    max: MAX_CONNECTIONS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    types: idsAsNumbers(),
  });
  // Without this listener a database restart would end the process.
  pool.on("error", (error) => {
    logger().warn({ err: error }, "an idle database connection was lost");
  });
  return pool;
}

/** Message ids stay far below 2^53, so they may be numbers. */
function idsAsNumbers(): pg.TypeOverrides {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, Number);
  return types;
}

/** Opening a connection has no effect, so it can be tried again until the patience is over. */
async function connectPatiently(pool: pg.Pool): Promise<pg.PoolClient> {
  const deadline = performance.now() + PATIENCE_MS;
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    try {
      return await pool.connect();
    } catch (error) {
      if (!isDatabaseUnavailable(error)) throw error;
      if (performance.now() + pauseMs > deadline) {
        throw new UnreachableError("the database cannot be reached", { cause: error });
      }
    }
    await delay(pauseMs);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}
