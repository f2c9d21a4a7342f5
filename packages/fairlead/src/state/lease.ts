import { hostname, userInfo } from "node:os";

import { type Clock, FairleadError, formatAge, identifyProcess, isRunning } from "../kernel/index.ts";
import type { StateStore } from "./store.ts";

/** Who changes an environment, so that others can say it and find out whether it still lives. */
export interface Holder {
  user: string;
  host: string;
  pid: number;
  startedTicks?: string | undefined;
  /** What it is doing: `deploy p-…`. */
  purpose: string;
}

/** The right to change an environment: kept by heartbeats, expired when its holder dies. */
export interface Lease {
  /** Fencing token: larger than every one given out before for this environment. */
  token: number;
  /** Fires when the lease was lost (taken over, or no heartbeat got through for its lifetime). */
  lost: AbortSignal;
  release(): Promise<void>;
}

export const leaseLifetimeMs = 20_000;
const heartbeatMs = 4000;

interface LeaseRow {
  token: string;
  holder: Holder | null;
  age_ms: number | null;
  silent_ms: number | null;
}

/** This process as the holder of a lease. */
export function thisHolder(purpose: string): Holder {
  const identity = identifyProcess(process.pid);
  return {
    user: userName(),
    host: hostname(),
    pid: process.pid,
    startedTicks: identity?.startedTicks,
    purpose,
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${String(process.getuid?.() ?? 0)}`;
  }
}

/** The holder as one line for people. */
export function formatHolder(holder: Holder): string {
  return `${holder.user}@${holder.host} (pid ${String(holder.pid)}, ${holder.purpose})`;
}

/** True when the holder is known to be gone: a process of this machine that no longer runs. */
export function isDead(holder: Holder): boolean {
  return holder.host === hostname() && !isRunning(holder);
}

/** Who holds the lease at this moment, and for how long; `undefined` when it is free (or its holder is dead). */
export async function currentHolder(
  state: StateStore,
): Promise<{ holder: Holder; heldForMs: number } | undefined> {
  const row = await readLease((sql, values) => state.query(sql, values));
  if (row.holder === null || isExpired(row)) return undefined;
  return { holder: row.holder, heldForMs: row.age_ms ?? 0 };
}

/**
 * Takes the lease of an environment and keeps it until `release`.
 * Errors: `lease-held`, naming the holder and since when.
 */
export async function acquireLease(clock: Clock, state: StateStore, purpose: string): Promise<Lease> {
  const holder = thisHolder(purpose);
  const token = await state.transaction(async (query) => {
    const row = await readLease(query, "for update");
    if (row.holder !== null && !isExpired(row)) throw leaseHeld(state, row.holder, row.age_ms ?? 0);
    const next = Number(row.token) + 1;
    await query(
      "update fairlead.lease set token = $1, holder = $2, acquired_at = now(), heartbeat_at = now()",
      [next, JSON.stringify(holder)],
    );
    return next;
  });
  return keepLease(clock, state, token);
}

/** The error of a change that another one stands in the way of. */
function leaseHeld(state: StateStore, holder: Holder, heldForMs: number): FairleadError {
  return new FairleadError(
    "lease-held",
    `${state.identity.environment} is being changed by ${formatHolder(holder)}, begun ${formatAge(heldForMs)}`,
    { hint: `Wait for it to end, or end that process; a dead holder's lease expires by itself.` },
  );
}

function keepLease(clock: Clock, state: StateStore, token: number): Lease {
  const lost = new AbortController();
  let lastSuccess = clock.now();
  const timer = setInterval(() => void beat(), heartbeatMs);
  timer.unref();

  async function beat(): Promise<void> {
    try {
      const rows = await state.query(
        "update fairlead.lease set heartbeat_at = now() where token = $1 and holder is not null returning token",
        [token],
      );
      if (rows.length > 0) lastSuccess = clock.now();
      else end();
    } catch {
      if (clock.now() - lastSuccess > leaseLifetimeMs) end();
    }
  }
  function end(): void {
    clearInterval(timer);
    const message = `the lease of ${state.identity.environment} was lost; somebody else has taken over`;
    lost.abort(new FairleadError("lease-lost", message));
  }

  return {
    token: token + state.fence,
    lost: lost.signal,
    async release() {
      clearInterval(timer);
      await state.query("update fairlead.lease set holder = null where token = $1", [token]);
    },
  };
}

async function readLease(query: StateStore["query"], suffix = ""): Promise<LeaseRow> {
  const rows = await query<LeaseRow>(
    `select token, holder,
       (extract(epoch from now() - acquired_at) * 1000)::float8 as age_ms,
       (extract(epoch from now() - heartbeat_at) * 1000)::float8 as silent_ms
     from fairlead.lease ${suffix}`,
  );
  const row = rows[0];
  if (row === undefined) throw new FairleadError("state-broken", "fairlead.lease has no row");
  return row;
}

function isExpired(row: LeaseRow): boolean {
  if (row.holder === null) return true;
  return (row.silent_ms ?? Number.POSITIVE_INFINITY) > leaseLifetimeMs || isDead(row.holder);
}
