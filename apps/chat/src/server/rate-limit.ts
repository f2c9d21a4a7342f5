import { sql } from "kysely";

import { database } from "./database.ts";
import { environment } from "./environment.ts";
import { digest } from "./signature.ts";

/** How often one thing may happen: `limit` times in `windowSeconds`. */
export interface RateLimit {
  name: string;
  limit: number;
  windowSeconds: number;
}

export interface RateLimitHit {
  limit: RateLimit;
  /** Whose hits are counted: an account, an address, or both. Only a digest is stored. */
  subject: string;
}

export const rateLimits = {
  loginOfAccountFromAddress: { name: "login-account-address", limit: 10, windowSeconds: 900 },
  loginOfAccount: { name: "login-account", limit: 100, windowSeconds: 900 },
  loginFromAddress: { name: "login-address", limit: 60, windowSeconds: 900 },
  signupFromAddress: { name: "signup-address", limit: 30, windowSeconds: 3600 },
  createSession: { name: "create-session", limit: 60, windowSeconds: 3600 },
  joinSession: { name: "join-session", limit: 60, windowSeconds: 600 },
  sendMessage: { name: "send-message", limit: 60, windowSeconds: 60 },
} as const satisfies Record<string, RateLimit>;

/** Rows this old are of no use; they go a few at a time with the hits that come. */
const FORGET_AFTER_SECONDS = 86_400;
const FORGET_AT_ONCE = 20;

/**
 * Counts one hit for each and gives the seconds to wait where a limit is exceeded, else `undefined`.
 * Counted in Postgres, since two releases with several instances answer at the same time.
 */
export async function countHits(hits: readonly RateLimitHit[]): Promise<number | undefined> {
  let waitSeconds: number | undefined;
  for (const hit of hits) {
    const wait = await countHit(hit);
    if (wait !== undefined) waitSeconds = Math.max(wait, waitSeconds ?? 0);
  }
  return waitSeconds;
}

async function countHit({ limit, subject }: RateLimitHit): Promise<number | undefined> {
  const key = digest(`${limit.name}\n${subject}`).toString("base64url");
  const window = sql<Date>`now() - make_interval(secs => ${limit.windowSeconds})`;
  const expired = sql<boolean>`rate_limits.window_started_at < ${window}`;
  const row = await database()
    .insertInto("rate_limits")
    .values({ key, window_started_at: sql<Date>`now()`, hits: 1 })
    .onConflict((conflict) =>
      conflict.column("key").doUpdateSet({
        window_started_at: sql`case when ${expired} then now() else rate_limits.window_started_at end`,
        hits: sql`case when ${expired} then 1 else rate_limits.hits + 1 end`,
      }),
    )
    .returning(["hits", sql<number>`extract(epoch from window_started_at - ${window})::float8`.as("seconds")])
    .executeTakeFirstOrThrow();
  if (row.hits === 1) await forgetOld();
  const allowed = limit.limit * environment.values().RATE_LIMIT_SCALE;
  return row.hits > allowed ? Math.max(1, Math.ceil(row.seconds)) : undefined;
}

async function forgetOld(): Promise<void> {
  const old = database()
    .selectFrom("rate_limits")
    .select("key")
    .where("window_started_at", "<", sql<Date>`now() - make_interval(secs => ${FORGET_AFTER_SECONDS})`)
    .limit(FORGET_AT_ONCE)
    .forUpdate()
    .skipLocked();
  await database().deleteFrom("rate_limits").where("key", "in", old).execute();
}

/**
 * The visitor's address. The last entry is the one that the nearest proxy (or Next.js itself) wrote;
 * what stands before it was claimed by the client.
 */
export function addressOf(request: Request): string {
  const entries = (request.headers.get("x-forwarded-for") ?? "").split(",");
  const last = entries.at(-1)?.trim() ?? "";
  return last === "" ? "unknown" : last;
}
