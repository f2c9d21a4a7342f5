import { type Context, FairleadError, reveal } from "../kernel/index.ts";
import { migrateUp, type MigrationStatus, migrationStatus } from "../migrate/index.ts";
import type { Stack } from "../stack/index.ts";
import { acquireLease } from "../state/index.ts";
import { migrationRequest } from "./migrations.ts";
import { type OpenTarget, variablesOf } from "./target.ts";

const seedTimeoutMs = 600_000;

/** What a database has of the work tree's migrations; `undefined` for an application without a migration tool. */
export async function databaseStatus(
  context: Context,
  target: OpenTarget,
  stack: Stack,
): Promise<MigrationStatus | undefined> {
  if (stack.migrations === undefined) return undefined;
  return migrationStatus(context, migrationRequest(stack.migrations, stack.directory, target.databaseUrl));
}

/** Runs the work tree's pending migrations under the environment's lease; gives the names of those applied. */
export async function migrateDatabase(context: Context, target: OpenTarget, stack: Stack): Promise<string[]> {
  const { migrations } = stack;
  if (migrations === undefined) {
    throw new FairleadError("no-migrations", "no migration tool was found in this application", {
      exit: "usage",
      hint: "Name it in fairlead.config.ts: migrations: { tool, directory }",
    });
  }
  const status = await databaseStatus(context, target, stack);
  if (status?.pending.length === 0) return [];
  const lease = await acquireLease(context.clock, target.state, "db migrate");
  try {
    const request = migrationRequest(migrations, stack.directory, target.databaseUrl);
    return (await migrateUp(context, request, { applicationName: "fairlead-db-migrate" })).applied;
  } finally {
    await lease.release().catch(() => undefined);
  }
}

/** Runs the application's seed command against the environment's database. Errors: `no-seed`, `seed-failed`. */
export async function seedDatabase(context: Context, target: OpenTarget, stack: Stack): Promise<void> {
  if (stack.seed === undefined) {
    throw new FairleadError("no-seed", "this application has no seed command", {
      exit: "usage",
      hint: 'Add a package script "seed", or name a command in fairlead.config.ts: seed: ["node", "seed.ts"]',
    });
  }
  const result = await context.exec(stack.seed, {
    cwd: stack.directory,
    env: await variablesOf(context, target),
    timeoutMs: seedTimeoutMs,
  });
  if (result.code === 0) return;
  throw new FairleadError("seed-failed", `${stack.seed.join(" ")} ended with ${String(result.code)}`, {
    details: `${result.stdout}\n${result.stderr}`.trim().split("\n").slice(-20),
  });
}

/** The names of an environment's schemas that a reset drops, with the number of their tables. */
export function schemasOf(target: OpenTarget): Promise<{ name: string; tables: number }[]> {
  return target.state.query<{ name: string; tables: number }>(
    `select n.nspname as name, count(c.oid)::int as tables
     from pg_namespace n left join pg_class c on c.relnamespace = n.oid and c.relkind in ('r', 'p')
     where n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'fairlead')
     group by n.nspname order by n.nspname`,
  );
}

/** Empties an environment's database under its lease; the schema `fairlead` stays. A copy is made first where it can be. */
export async function emptyDatabase(context: Context, target: OpenTarget): Promise<{ copy?: string }> {
  const lease = await acquireLease(context.clock, target.state, "db reset");
  try {
    const copy = `mark-reset-${String(lease.token)}`;
    const kept = target.database.branches !== undefined;
    if (kept) await target.database.branch(context, target.name, copy);
    const schemas = await schemasOf(target);
    await target.state.transaction(async (query) => {
      for (const { name } of schemas) await query(`drop schema "${name.replaceAll('"', '""')}" cascade`);
      await query("create schema if not exists public");
    });
    return kept ? { copy } : {};
  } finally {
    await lease.release().catch(() => undefined);
  }
}

/** The variables of an environment as plain text, for a process that a person starts in the foreground. */
export async function plainVariables(context: Context, target: OpenTarget): Promise<Record<string, string>> {
  const values = await variablesOf(context, target);
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, reveal(value)]));
}
