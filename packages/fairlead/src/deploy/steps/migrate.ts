import { type Context, FairleadError, identifyProcess, signalProcess } from "../../kernel/index.ts";
import { migrateDown, migrateUp, migrationStatus } from "../../migrate/index.ts";
import { migrationRequest, migrationSessionName } from "../migrations.ts";
import type { Run, StepDefinition, StepResult } from "../step.ts";
import { smokeAt } from "./smoke.ts";

const endWaitMs = 5000;

/** Runs the pending migrations with the application's own tool, then makes sure that the old release lives on. */
export const migrate: StepDefinition = {
  name: "migrate",
  title: () => "Migrate the database",
  async apply(run) {
    const { target, plan, facts } = run;
    const { pending, source } = plan.migrations;
    if (pending.length === 0 || source === undefined || facts.applicationDirectory === undefined) {
      return { note: "nothing pending", skipped: true };
    }
    const request = migrationRequest(source, facts.applicationDirectory, target.databaseUrl);
    const before = await migrationStatus(run.context, request);
    await run.record({ appliedBefore: before.applied.map((migration) => migration.name) });
    const pids: Promise<void>[] = [];
    const result = await migrateUp(run.context, request, {
      applicationName: migrationSessionName(plan.id),
      onStart: (pid) => pids.push(recordProcess(run, pid)),
    });
    await Promise.all(pids);
    const old = await checkOldRelease(run);
    return {
      note: `${String(result.applied.length)} applied${old.note}`,
      facts: { migrationsApplied: result.applied, ...old.facts },
    };
  },
  undo: undoMigrate,
};

async function recordProcess(run: Run, pid: number): Promise<void> {
  const identity = identifyProcess(pid);
  if (identity !== undefined) await run.record({ migrationProcess: identity });
}

async function checkOldRelease(run: Run): Promise<StepResult> {
  const view = await run.target.platform.observe(run.context, run.target.name);
  const active = view.deployments.find((deployment) => deployment.id === view.active);
  if (active?.privateAddress === undefined) return { note: "" };
  const report = await smokeAt(run, active.privateAddress);
  if (report.ok) {
    return { note: ", the old release is healthy on the new schema", facts: { oldHealthyOnNewSchema: true } };
  }
  throw new FairleadError(
    "old-release-broken",
    `the running release ${active.release.id} does not work on the new schema: ${report.summary}`,
    {
      details: report.checked.flatMap((check) =>
        check.problem === undefined ? [] : [`${check.path}: ${check.problem}`],
      ),
      hint: "Make the change in two deploys: first add what the new code needs, later remove what the old one used.",
    },
  );
}

async function undoMigrate(run: Run): Promise<StepResult> {
  const { target, plan, facts, context } = run;
  const { source } = plan.migrations;
  if (source === undefined || facts.appliedBefore === undefined || facts.applicationDirectory === undefined) {
    return { note: "no migration had begun", skipped: true };
  }
  await endSessions(run);
  const request = migrationRequest(source, facts.applicationDirectory, target.databaseUrl);
  const now = await migrationStatus(context, request);
  const before = new Set(facts.appliedBefore);
  const extra = now.applied.filter((migration) => !before.has(migration.name)).map(({ name }) => name);
  if (extra.length === 0) return { note: "the database is as it was" };
  if (plan.rollback.schema !== "down") return stayOnNewSchema(run, extra);
  if (facts.switched === true) await markBeforeUndo(context, run);
  await migrateDown(context, request, extra.length, { applicationName: migrationSessionName(plan.id) });
  return { note: `${String(extra.length)} taken back by the proved down migrations` };
}

// What the new release has written is lost with what the down migrations drop; the copy keeps it.
async function markBeforeUndo(context: Context, run: Run): Promise<void> {
  await run.target.database.branches?.delete(context, run.target.name, `mark-${run.plan.id}-undone`);
  await run.target.database.branch(context, run.target.name, `mark-${run.plan.id}-undone`);
}

async function stayOnNewSchema(run: Run, extra: string[]): Promise<StepResult> {
  const { target, context, facts } = run;
  const view = await target.platform.observe(context, target.name);
  const active = view.deployments.find((deployment) => deployment.id === view.active);
  const healthy =
    facts.oldHealthyOnNewSchema === true ||
    (active?.privateAddress !== undefined && (await smokeAt(run, active.privateAddress)).ok);
  const condition = healthy
    ? "the old release is healthy on it"
    : `the old release FAILS on it; the copy ${facts.mark ?? "(none)"} from before the migration is kept`;
  const reason = `${extra.join(", ")} can't be taken back: the new schema stays, ${condition}`;
  return { note: reason, attention: reason };
}

/** Ends what a killed deployer left running: its migration process and that one's database sessions. */
async function endSessions(run: Run): Promise<void> {
  const { target, plan, facts, context } = run;
  if (facts.migrationProcess !== undefined) signalProcess(facts.migrationProcess, "SIGKILL");
  const deadline = context.clock.now() + endWaitMs;
  for (;;) {
    const sessions = await target.state.query<{ pid: number }>(
      "select pid, pg_terminate_backend(pid) from pg_stat_activity where application_name = $1",
      [migrationSessionName(plan.id)],
    );
    if (sessions.length === 0) return;
    if (context.clock.now() > deadline) {
      throw new FairleadError(
        "migration-running",
        `${String(sessions.length)} sessions of an interrupted migration of ${target.name} do not end`,
        { hint: "End them with pg_terminate_backend, then run `fairlead status` again." },
      );
    }
    await context.clock.sleep(100);
  }
}
