import { createHash, randomBytes } from "node:crypto";

import { commitsBetween, readRelease, type Release, releaseForSources, sourceState } from "../build/index.ts";
import { type Context, FairleadError, type Problem } from "../kernel/index.ts";
import { migrationStatus } from "../migrate/index.ts";
import type { EnvironmentView } from "../platforms/index.ts";
import { compareVariables, fingerprintVariables } from "../secrets/index.ts";
import type { Stack } from "../stack/index.ts";
import { listPlans, wasActive } from "../state/index.ts";
import { migrationRequest } from "./migrations.ts";
import type { Plan, PlannedMigrations, PlannedRelease, RollbackVerdict } from "./plan.ts";
import { proveRollback } from "./proof.ts";
import { openTarget, type OpenTarget, stackOf, type Target, targetOf, variablesOf } from "./target.ts";

/** What a plan is to bring to its environment: the work tree's sources, or what is active elsewhere. */
export type PlanSource =
  { kind: "deploy"; stack: Stack } | { kind: "promote"; release: Release; from: string };

/** The source of a deploy: the stack of the work tree. */
export async function sourcesOf(context: Context, target: Target): Promise<PlanSource> {
  return { kind: "deploy", stack: await stackOf(context, target) };
}

/** The source of a promotion: the release that is active in another environment. Errors: `nothing-to-promote`. */
export async function activeReleaseOf(context: Context, from: Target): Promise<PlanSource> {
  const view = await from.platform.observe(context, from.name);
  const deployment = view.deployments.find((candidate) => candidate.id === view.active);
  const release = deployment === undefined ? undefined : await readRelease(from.root, deployment.release.id);
  if (release === undefined) {
    throw new FairleadError("nothing-to-promote", `no release is active in ${from.name}`, {
      hint: `Deploy one first: fairlead deploy ${from.name}`,
    });
  }
  return { kind: "promote", release, from: from.name };
}

/** Computes the difference between an environment as it is and a wanted release; changes nothing in the environment. */
export async function makePlan(context: Context, target: OpenTarget, source: PlanSource): Promise<Plan> {
  const view = await target.platform.observe(context, target.name);
  const to = await wantedRelease(context, target, source);
  const from = await activeRelease(target, view);
  const migrations = await plannedMigrations(context, target, source);
  const wanted = await variablesOf(context, target);
  const compared = Object.entries(wanted).filter(([name]) => name !== "DATABASE_URL");
  const variableFingerprints = await fingerprintVariables(target.root, Object.fromEntries(compared));
  const last = await lastPlanOf(target, view.active);
  const variables = compareVariables(last?.variableFingerprints, variableFingerprints);
  const rollback = await judgeRollback(context, target, source, migrations, from !== undefined);
  const sameRelease = from?.inputDigest === to.inputDigest;
  const changedVariables = [...variables.added, ...variables.removed, ...variables.changed];
  const state = await sourceState(context, target.root);
  const commits =
    from?.sha !== undefined && to.sha !== undefined && from.sha !== to.sha
      ? await commitsBetween(context, target.root, from.sha, to.sha)
      : undefined;
  const digest = digestOf([
    target.application,
    target.name,
    from?.deploymentId,
    to.inputDigest,
    migrations.pending,
    variableFingerprints,
  ]);
  return {
    id: `p-${timestamp(context)}-${randomBytes(2).toString("hex")}`,
    kind: source.kind,
    application: target.application,
    environment: target.name,
    createdAt: new Date(context.clock.now()).toISOString(),
    deploymentId: `d-${timestamp(context)}-${randomBytes(2).toString("hex")}`,
    ...(from === undefined ? {} : { from }),
    to,
    ...(commits === undefined ? {} : { commits }),
    migrations,
    variables,
    healthPath: healthPathOf(target, source),
    variableFingerprints,
    rollback,
    needsApproval: target.environment.approval,
    nothingToDo: sameRelease && migrations.pending.length === 0 && changedVariables.length === 0,
    blockers: await blockersOf(context, target, source, to),
    warnings: source.kind === "deploy" ? warningsOf(state) : [],
    digest,
  };
}

async function wantedRelease(context: Context, target: Target, source: PlanSource): Promise<PlannedRelease> {
  if (source.kind === "promote") return plannedRelease(source.release);
  const { release, inputDigest } = await releaseForSources(context, {
    root: target.root,
    stack: source.stack,
    config: target.config,
  });
  if (release !== undefined) return plannedRelease(release);
  const state = await sourceState(context, target.root);
  return {
    version: source.stack.version,
    ...(state.sha === undefined ? {} : { sha: state.sha }),
    dirty: state.dirty,
    inputDigest,
  };
}

function plannedRelease(release: Release): PlannedRelease & { id: string } {
  return {
    id: release.id,
    version: release.version,
    ...(release.sha === undefined ? {} : { sha: release.sha }),
    dirty: release.dirty,
    inputDigest: release.inputDigest,
  };
}

async function activeRelease(target: Target, view: EnvironmentView): Promise<Plan["from"]> {
  const active = view.deployments.find((deployment) => deployment.id === view.active);
  if (active === undefined) return undefined;
  const release = await readRelease(target.root, active.release.id);
  const known = release === undefined ? { dirty: false, inputDigest: "" } : plannedRelease(release);
  return { ...known, ...active.release, deploymentId: active.id };
}

async function plannedMigrations(
  context: Context,
  target: OpenTarget,
  source: PlanSource,
): Promise<PlannedMigrations> {
  const migrations = source.kind === "deploy" ? source.stack.migrations : source.release.migrations;
  if (migrations === undefined) return { pending: [], applied: 0, unknown: [] };
  const request = migrationRequest(migrations, applicationOf(source), target.databaseUrl);
  const status = await migrationStatus(context, request);
  return {
    pending: status.pending.map((migration) => migration.name),
    applied: status.applied.length,
    unknown: status.unknown.map((migration) => migration.name),
    source: migrations,
  };
}

function applicationOf(source: PlanSource): string {
  return source.kind === "deploy" ? source.stack.directory : source.release.applicationDirectory;
}

async function judgeRollback(
  context: Context,
  target: Target,
  source: PlanSource,
  migrations: PlannedMigrations,
  hasOld: boolean,
): Promise<RollbackVerdict> {
  const code = hasOld ? "instant" : "none";
  if (migrations.pending.length === 0 || migrations.source === undefined) {
    const reason = hasOld
      ? "the old release stays warm; the schema does not change"
      : "this is the first release";
    return { code, schema: "unchanged", reason };
  }
  const proof = await proveRollback(context, target, {
    application: applicationOf(source),
    source: migrations.source,
    pending: migrations.pending,
  });
  if (!proof.proved) return { code, schema: "irreversible", reason: proof.reason ?? "no way down" };
  return {
    code,
    schema: "down",
    reason: "proved on an empty database (up, down, up); rows in what they drop are lost, but a copy is kept",
  };
}

async function lastPlanOf(target: OpenTarget, active: string | undefined): Promise<Plan | undefined> {
  if (active === undefined) return undefined;
  const plans = await listPlans<Plan, unknown>(target.state, { limit: 50 });
  return plans.find((record) => record.plan.deploymentId === active)?.plan;
}

async function blockersOf(
  context: Context,
  target: OpenTarget,
  source: PlanSource,
  to: PlannedRelease,
): Promise<Problem[]> {
  const machine = await target.platform.check(context, target.name);
  return [...machine, ...(await missedEnvironment(context, target, source, to))];
}

// An environment with `from` takes only what was tried there.
async function missedEnvironment(
  context: Context,
  target: OpenTarget,
  source: PlanSource,
  to: PlannedRelease,
): Promise<Problem[]> {
  const { from } = target.environment;
  if (from === undefined || (source.kind === "promote" && source.from === from)) return [];
  const loaded = { file: "", root: target.root, config: target.config };
  const earlier = await openTarget(context, targetOf(loaded, from));
  try {
    if (to.id !== undefined && (await wasActive(earlier.state, to.id))) return [];
  } finally {
    await earlier.state.close();
  }
  return [
    {
      where: target.name,
      message: `only takes releases that were active in ${from} before, and this one was not`,
      remedy: `fairlead deploy ${from}, then fairlead promote ${from} ${target.name}`,
    },
  ];
}

function warningsOf(state: Awaited<ReturnType<typeof sourceState>>): Problem[] {
  const warnings: Problem[] = [];
  const add = (where: string, message: string, remedy: string) => warnings.push({ where, message, remedy });
  if (!state.git) add("git", "there is no repository; the release has no commit", "git init");
  else if (state.sha === undefined) add("git", "there is no commit yet", "git commit");
  if (state.detached) add("git", "HEAD is detached", "the release keeps the commit, not a branch");
  if (state.dirty) {
    const files = state.changedFiles.slice(0, 5).join(", ");
    add(
      "git",
      `the work tree has uncommitted changes: ${files}`,
      "commit them, so that the release can be told apart",
    );
  }
  return warnings;
}

function healthPathOf(target: Target, source: PlanSource): string {
  return (
    target.config.health.path ??
    (source.kind === "deploy" ? source.stack.health : source.release.health) ??
    "/"
  );
}

function digestOf(parts: unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}

function timestamp(context: Context): string {
  return new Date(context.clock.now()).toISOString().replaceAll(/[-:]/g, "").replace("T", "-").slice(0, 15);
}
