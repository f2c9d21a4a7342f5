import type { Holder } from "./lease.ts";
import type { StateStore } from "./store.ts";

/**
 * Where a plan stands. `planned` and `waiting` have changed nothing yet; `running` and `undoing` hold the lease;
 * the others are ends: `succeeded` (after), `failed` (before), `attention` (old code, healthy, on the new schema), `abandoned`.
 */
export type PlanState =
  "planned" | "waiting" | "running" | "undoing" | "succeeded" | "failed" | "attention" | "abandoned";

export interface PlanRecord<Plan = unknown, Report = unknown> {
  id: string;
  kind: string;
  digest: string;
  state: PlanState;
  holder: Holder;
  plan: Plan;
  report: Report | null;
  createdAt: string;
  finishedAt?: string;
}

interface PlanRow {
  id: string;
  kind: string;
  digest: string;
  state: PlanState;
  holder: Holder;
  plan: unknown;
  report: unknown;
  created_at: Date;
  finished_at: Date | null;
}

const columns = "id, kind, digest, state, holder, plan, report, created_at, finished_at";

/** Records a plan before anything of it is done. */
export async function insertPlan(
  state: StateStore,
  record: { id: string; kind: string; digest: string; state: PlanState; holder: Holder; plan: unknown },
): Promise<void> {
  await state.query(
    "insert into fairlead.plans (id, kind, digest, state, holder, plan) values ($1, $2, $3, $4, $5, $6)",
    [
      record.id,
      record.kind,
      record.digest,
      record.state,
      JSON.stringify(record.holder),
      JSON.stringify(record.plan),
    ],
  );
}

/** Moves a plan to another state; with a report when it ends. */
export async function updatePlan(
  state: StateStore,
  id: string,
  change: { state: PlanState; report?: unknown; plan?: unknown },
): Promise<void> {
  const ended = !["planned", "waiting", "running", "undoing"].includes(change.state);
  await state.query(
    `update fairlead.plans set state = $2, report = coalesce($3, report), plan = coalesce($4, plan),
       finished_at = case when $5 then now() else null end where id = $1`,
    [
      id,
      change.state,
      change.report === undefined ? null : JSON.stringify(change.report),
      change.plan === undefined ? null : JSON.stringify(change.plan),
      ended,
    ],
  );
}

/** The newest plans, newest first; `states` narrows them. */
export async function listPlans<Plan, Report>(
  state: StateStore,
  options: { states?: PlanState[]; limit: number },
): Promise<PlanRecord<Plan, Report>[]> {
  const rows = await state.query<PlanRow>(
    `select ${columns} from fairlead.plans where ($1::text[] is null or state = any($1))
     order by created_at desc, id desc limit $2`,
    [options.states ?? null, options.limit],
  );
  return rows.map((row) => toRecord<Plan, Report>(row));
}

function toRecord<Plan, Report>(row: PlanRow): PlanRecord<Plan, Report> {
  return {
    id: row.id,
    kind: row.kind,
    digest: row.digest,
    state: row.state,
    holder: row.holder,
    plan: row.plan as Plan,
    report: row.report as Report | null,
    createdAt: row.created_at.toISOString(),
    ...(row.finished_at === null ? {} : { finishedAt: row.finished_at.toISOString() }),
  };
}

/** Approves a plan by its digest: the same change planned again needs no second approval, a different one does. */
export async function approvePlan(state: StateStore, digest: string, approvedBy: string): Promise<void> {
  await state.query("insert into fairlead.approvals (plan_digest, approved_by) values ($1, $2)", [
    digest,
    approvedBy,
  ]);
}

/** The unused approval of a plan's digest, if there is one. */
export async function findApproval(
  state: StateStore,
  digest: string,
): Promise<{ id: string; approvedBy: string } | undefined> {
  const rows = await state.query<{ id: string; approved_by: string }>(
    `select id, approved_by from fairlead.approvals
     where plan_digest = $1 and used_by is null order by id desc limit 1`,
    [digest],
  );
  const row = rows[0];
  return row === undefined ? undefined : { id: row.id, approvedBy: row.approved_by };
}

/** Uses an approval up, so that it lets one change through and no second. */
export async function useApproval(state: StateStore, digest: string, planId: string): Promise<void> {
  await state.query("update fairlead.approvals set used_by = $2 where plan_digest = $1 and used_by is null", [
    digest,
    planId,
  ]);
}

export interface ReleaseRow {
  id: string;
  version: string;
  sha?: string;
  digest: string;
  deploymentId: string;
  migrations: string[];
}

/** Records that a release became the active one, with the migrations that came with it. */
export async function recordRelease(state: StateStore, release: ReleaseRow): Promise<void> {
  await state.query(
    `insert into fairlead.releases (id, version, sha, digest, deployment_id, migrations)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (id) do update set active_since = now(), deployment_id = excluded.deployment_id,
       migrations = excluded.migrations`,
    [
      release.id,
      release.version,
      release.sha ?? null,
      release.digest,
      release.deploymentId,
      JSON.stringify(release.migrations),
    ],
  );
}

/** True when the release was the active one of this environment at some time. */
export async function wasActive(state: StateStore, releaseId: string): Promise<boolean> {
  const rows = await state.query("select 1 from fairlead.releases where id = $1", [releaseId]);
  return rows.length > 0;
}
