/** States of Postgres in which the same question may well be answered a moment later. */
const PASSING_STATES = new Set([
  "57P01", // admin_shutdown
  "57P02", // crash_shutdown
  "57P03", // cannot_connect_now: starting up or recovering
  "53300", // too_many_connections
  "08000",
  "08001",
  "08003",
  "08004",
  "08006",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "ENOENT",
  "EPIPE",
  "ETIMEDOUT",
]);

/** Messages of errors that the driver raises without a code. */
const PASSING_MESSAGES = [
  "Connection terminated",
  "timeout exceeded when trying to connect",
  "Client has encountered a connection error and is not queryable",
];

/** Tells whether an error means that the database is away for now, not that the question was wrong. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (isUnreachable(error)) return true;
  const code = (error as Error & { code?: unknown }).code;
  if (typeof code === "string" && PASSING_STATES.has(code)) return true;
  if (PASSING_MESSAGES.some((message) => error.message.includes(message))) return true;
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable);
  return error.cause !== undefined && isDatabaseUnavailable(error.cause);
}

/** The database could not be reached although it was waited for. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

/**
 * Runs an operation once more when the connection was lost under it.
 * Only for operations that may be repeated: reads, and writes that carry their own key.
 */
export async function retryOnce<Result>(operation: () => Promise<Result>): Promise<Result> {
  try {
    return await operation();
  } catch (error) {
    if (!isDatabaseUnavailable(error) || isUnreachable(error)) throw error;
    return operation();
  }
}

/** By name, since the class exists once per bundle while the pool is shared. */
function isUnreachable(error: unknown): boolean {
  return error instanceof Error && error.name === "UnreachableError";
}
