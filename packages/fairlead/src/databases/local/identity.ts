import { withClient } from "../client.ts";
import { type ClusterRecord, superuser, superuserUrl } from "./cluster.ts";
import { passwordVerifier } from "./password.ts";
import { literal } from "./standalone.ts";

/** How far a copy's fencing token is raised, so that no lease taken before the copy is valid on it. */
const fenceStep = 1000;
/** The same where the highest token given out cannot be read. */
const blindFenceStep = 1_000_000;

export interface NewIdentity {
  /** What the copy calls itself: `staging@rehearsal-7`. */
  environment: string;
  /** The highest token that may have been given out; `undefined` when it cannot be read. */
  fence: string | undefined;
}

/**
 * The statements that make a copy its own before anybody connects: passwords, then name and fencing token in
 * `fairlead.identity` where there is such a table (triggers do not fire).
 */
export function identityStatements(record: ClusterRecord, identity: NewIdentity): string[] {
  const { passwords, role } = record;
  const step = identity.fence === undefined ? blindFenceStep : fenceStep;
  return [
    "SET session_replication_role = replica",
    `ALTER ROLE ${superuser} PASSWORD ${literal(passwordVerifier(passwords.superuser))}`,
    `ALTER ROLE ${role} PASSWORD ${literal(passwordVerifier(passwords.application))}`,
    `SELECT set_config('fairlead.environment', ${literal(identity.environment)}, false)`,
    `SELECT set_config('fairlead.fence', ${literal(identity.fence ?? "0")}, false)`,
    "DO $$ BEGIN IF EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace " +
      "WHERE n.nspname = 'fairlead' AND c.relname = 'identity' AND c.relkind = 'r') THEN " +
      "UPDATE fairlead.identity SET environment = current_setting('fairlead.environment'), " +
      `fence = greatest(fence, current_setting('fairlead.fence')::bigint) + ${String(step)}; ` +
      "END IF; END $$",
  ];
}

/** The fencing token of a running cluster; `undefined` when it cannot be read, `0` when there is none yet. */
export async function readFence(record: ClusterRecord): Promise<string | undefined> {
  try {
    return await withClient(superuserUrl(record, record.database), async (client) => {
      const found = await client.query("select 1 where to_regclass('fairlead.identity') is not null");
      if (found.rowCount === 0) return "0";
      const { rows } = await client.query<{ fence: string }>(
        "select coalesce(max(fence), 0)::text as fence from fairlead.identity",
      );
      return rows[0]?.fence;
    });
  } catch {
    return undefined;
  }
}
