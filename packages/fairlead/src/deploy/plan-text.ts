import { formatDuration, formatProblem } from "../kernel/index.ts";
import type { DeployReport, Plan, PlannedRelease } from "./plan.ts";

const commitsShown = 10;

/** The plan for people: what would change and what going back would mean. */
export function renderPlan(plan: Plan): string[] {
  const lines = [
    `${plan.kind === "promote" ? "Promotion" : "Deploy"} to ${plan.environment}`,
    `  release     ${describeFrom(plan)}${describeRelease(plan.to)}`,
    ...commitLines(plan),
    `  migrations  ${migrationText(plan)}`,
    ...plan.migrations.pending.map((name) => `              + ${name}`),
    ...plan.migrations.unknown.map(
      (name) => `              ? ${name} (in the database, not among the files)`,
    ),
    `  variables   ${variableText(plan)}`,
    ...rollbackLines(plan),
  ];
  if (plan.needsApproval) lines.push("  approval    needed before anything is changed");
  for (const warning of plan.warnings) lines.push(`  warning     ${formatProblem(warning)}`);
  for (const blocker of plan.blockers) lines.push(`  BLOCKED     ${formatProblem(blocker)}`);
  if (plan.nothingToDo) lines.push("  nothing to do: the environment already is as wanted");
  return lines;
}

function describeFrom(plan: Plan): string {
  return plan.from === undefined ? "(none) → " : `${describeRelease(plan.from)} → `;
}

function describeRelease(release: PlannedRelease): string {
  const commit = release.sha === undefined ? "no commit" : release.sha.slice(0, 7);
  const built = release.id === undefined ? ", to be built" : "";
  return `${release.version} (${commit}${release.dirty ? ", uncommitted changes" : ""}${built})`;
}

function commitLines(plan: Plan): string[] {
  if (plan.commits === undefined) return [];
  const { total, newest } = plan.commits;
  const shown = newest.slice(0, commitsShown);
  const more = total - shown.length;
  return [
    `  commits     ${String(total)}`,
    ...shown.map((commit) => `              ${commit.sha.slice(0, 7)} ${commit.subject}`),
    ...(more > 0 ? [`              … and ${String(more)} more`] : []),
  ];
}

function migrationText(plan: Plan): string {
  const { pending, applied, source } = plan.migrations;
  if (source === undefined) return "none: no migration tool";
  if (pending.length === 0) return `none pending (${String(applied)} applied)`;
  return `${String(pending.length)} to run with ${source.tool} (${String(applied)} applied)`;
}

function variableText(plan: Plan): string {
  const { added, removed, changed } = plan.variables;
  const parts = [
    ...added.map((name) => `+${name}`),
    ...removed.map((name) => `-${name}`),
    ...changed.map((name) => `~${name}`),
  ];
  return parts.length === 0 ? "unchanged" : parts.join(" ");
}

function rollbackLines(plan: Plan): string[] {
  const { code, schema, reason } = plan.rollback;
  const codeText = code === "none" ? "code: nothing to go back to" : "code: at once";
  const schemaText = {
    unchanged: "schema: unchanged",
    down: "schema: down migrations",
    irreversible: "schema: NO WAY BACK",
  };
  return [`  rollback    ${codeText}; ${schemaText[schema]}`, `              ${reason}`];
}

/** How a deploy ended, for people. */
export function renderReport(report: DeployReport): string[] {
  const duration = formatDuration(report.durationMs);
  if (report.outcome === "after") {
    return [`${report.environment} runs ${report.release} at ${report.address} (${duration})`];
  }
  const { problem } = report;
  const state =
    report.outcome === "before"
      ? `${report.environment} is as it was before`
      : `${report.environment} NEEDS ATTENTION`;
  return [
    problem?.message ?? "failed",
    ...(problem?.details ?? []).map((line) => `  ${line}`),
    `${state} (${duration})`,
  ];
}
