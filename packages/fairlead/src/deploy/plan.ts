import type { Problem, ProcessIdentity } from "../kernel/index.ts";
import type { EnvironmentView } from "../platforms/index.ts";
import type { VariableChanges } from "../secrets/index.ts";
import type { MigrationToolName, StartCommand } from "../stack/index.ts";

/** A release as a plan names it; without an id while it is still to be built. */
export interface PlannedRelease {
  id?: string;
  version: string;
  sha?: string;
  dirty: boolean;
  /** Digest of the sources, lockfile, build settings and Node.js version it is (to be) built from. */
  inputDigest: string;
}

export interface PlannedMigrations {
  /** Names in the order in which they run. */
  pending: string[];
  applied: number;
  /** In the database but not among the files: the database is ahead of this release. */
  unknown: string[];
  /** The application's own tool and its folder (from the application's directory); absent when it has none. */
  source?: { tool: MigrationToolName; directory: string };
}

/** What going back after this change would mean, known before it begins. */
export interface RollbackVerdict {
  /** `instant`: the old release stays warm. `none`: there is no old release. */
  code: "instant" | "none";
  /** `unchanged`: no migration. `down`: the way down is proved. `irreversible`: it is not. */
  schema: "unchanged" | "down" | "irreversible";
  /** Why, for people. */
  reason: string;
}

export const stepNames = [
  "plan",
  "build",
  "rehearse",
  "approve",
  "mark",
  "migrate",
  "start",
  "smoke",
  "switch",
  "watch",
  "settle",
] as const;
export type StepName = (typeof stepNames)[number];

/** The difference between an environment as observed and a wanted release; printable before anything happens. */
export interface Plan {
  id: string;
  kind: "deploy" | "promote" | "rollback";
  application: string;
  environment: string;
  createdAt: string;
  /** Of the deployment that will be started (or switched back to). */
  deploymentId: string;
  from?: PlannedRelease & { deploymentId: string };
  to: PlannedRelease;
  commits?: { total: number; newest: { sha: string; subject: string }[] };
  migrations: PlannedMigrations;
  variables: VariableChanges;
  /** The path asked for health: the config's, else the detected one, else `/`. */
  healthPath: string;
  /** Keyed digests of the wanted values, to compare the next plan with. */
  variableFingerprints: Record<string, string>;
  rollback: RollbackVerdict;
  needsApproval: boolean;
  /** True when the environment already is as wanted. */
  nothingToDo: boolean;
  /** What must be remedied before the plan may run. */
  blockers: Problem[];
  warnings: Problem[];
  /** Digest of what would be changed: the same change planned again has the same. */
  digest: string;
}

/** What a deploy found out on its way; each step adds to it, and the journal keeps it for whoever comes after a crash. */
export interface Facts {
  releaseId?: string;
  releaseDirectory?: string;
  applicationDirectory?: string;
  start?: StartCommand;
  mark?: string;
  /** Names that the tool had recorded before the migrations ran. */
  appliedBefore?: string[];
  migrationsApplied?: string[];
  /** The process of the migration tool, to be ended by whoever recovers. */
  migrationProcess?: ProcessIdentity;
  /** The old release was smoked on the new schema. */
  oldHealthyOnNewSchema?: boolean;
  privateAddress?: string;
  switchedFrom?: string;
  switched?: boolean;
  /** What the old release had counted when traffic left it. */
  viewBeforeSwitch?: EnvironmentView;
}

export interface StepReport {
  name: StepName | `undo ${StepName}`;
  outcome: "done" | "skipped" | "failed";
  note: string;
  durationMs: number;
}

/** What became of a plan; also the audit record. */
export interface DeployReport {
  planId: string;
  environment: string;
  kind: Plan["kind"];
  /** `after`: the wanted release is active. `before`: as it was. `attention`: old code, healthy, on the new schema. */
  outcome: "after" | "before" | "attention";
  release: string;
  deploymentId: string;
  address: string;
  migrations: string[];
  steps: StepReport[];
  durationMs: number;
  problem?: { code: string; message: string; hint?: string; details: string[] };
}
