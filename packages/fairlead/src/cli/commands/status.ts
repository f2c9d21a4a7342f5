import type { DatabaseState } from "../../databases/index.ts";
import { type OpenTarget, recover, type Recovery, type Target, targetOf } from "../../deploy/index.ts";
import { type Context, exitCodes, FairleadError, formatAge, messageOf } from "../../kernel/index.ts";
import type { DeploymentView, EnvironmentView } from "../../platforms/index.ts";
import { formatHolder, listPlans } from "../../state/index.ts";
import type { CommandInput } from "../command.ts";
import { loadedConfig, withOpenTarget } from "../loading.ts";

interface EnvironmentStatus {
  environment: string;
  view: EnvironmentView;
  database: DatabaseState;
  recovery?: Recovery;
  /** Why the environment needs a person. */
  attention?: string;
  waiting?: string;
  problem?: string;
}

/** `fairlead status [environment]`: what runs where; takes up what a dead deployer left. */
export async function run(context: Context, input: CommandInput): Promise<number> {
  const loaded = await loadedConfig(context, input);
  const [named] = input.positionals;
  const names = named === undefined ? Object.keys(loaded.config.environments) : [named];
  const targets = names.map((name) => targetOf(loaded, name));
  const results = await Promise.all(targets.map((target) => statusOf(context, target)));
  for (const status of results) {
    for (const line of renderStatus(context, status)) context.out.line(line);
  }
  context.out.json(results);
  const bad = results.some((status) => status.attention !== undefined || status.problem !== undefined);
  return bad ? exitCodes.checkFailed : exitCodes.ok;
}

async function statusOf(context: Context, target: Target): Promise<EnvironmentStatus> {
  const environment = target.name;
  const database = await target.database.observe(context, environment);
  const view = await target.platform.observe(context, environment);
  if (!database.exists) return { environment, database, view };
  // A database that is started only to be asked is stopped again; one that a running release needs stays.
  const isNeeded = database.running || view.deployments.some(isAlive);
  try {
    const found = await withOpenTarget(context, target, (open) => look(context, open));
    if (!isNeeded) await target.database.lifecycle?.stop(context, environment);
    return {
      environment,
      database: isNeeded ? await target.database.observe(context, environment) : database,
      view: await target.platform.observe(context, environment),
      ...found,
    };
  } catch (error) {
    if (error instanceof FairleadError && error.exit === "cancelled") throw error;
    return { environment, database, view, problem: messageOf(error) };
  }
}

function isAlive(deployment: DeploymentView): boolean {
  return deployment.state !== "stopped" && deployment.state !== "failed";
}

/** Takes up what was interrupted, and reads what the last plans have left. */
async function look(
  context: Context,
  open: OpenTarget,
): Promise<Pick<EnvironmentStatus, "recovery" | "attention" | "waiting">> {
  const recovery = await recover(context, open);
  const [last] = await listPlans<unknown, { problem?: { message: string } }>(open.state, {
    states: ["succeeded", "attention", "undoing"],
    limit: 1,
  });
  const [waiting] = await listPlans(open.state, { states: ["waiting"], limit: 1 });
  const isLeft = recovery.state !== "busy" && (last?.state === "attention" || last?.state === "undoing");
  return {
    recovery,
    ...(isLeft
      ? { attention: last.report?.problem?.message ?? "the last change could not be taken back whole" }
      : {}),
    ...(waiting === undefined ? {} : { waiting: waiting.id }),
  };
}

function renderStatus(context: Context, status: EnvironmentStatus): string[] {
  const { view, database, recovery } = status;
  const lines = [`${status.environment}  ${view.address}`];
  for (const deployment of view.deployments.slice(0, 6)) {
    lines.push(`  ${describeDeployment(context, view, deployment)}`);
    if (deployment.failure !== undefined) lines.push(`      ${deployment.failure.reason}`);
  }
  const isDevelopment = status.environment === "development" && view.deployments.length === 0;
  if (isDevelopment) lines.push("  runs with `fairlead dev`");
  else if (view.deployments.length === 0) lines.push("  nothing deployed yet");
  const size = database.sizeBytes === undefined ? "" : `, ${(database.sizeBytes / 1_048_576).toFixed(0)} MB`;
  const state = database.running
    ? `PostgreSQL ${database.version ?? ""}${size}`
    : database.exists
      ? "stopped"
      : "none yet";
  lines.push(`  database  ${state}`);
  for (const note of isDevelopment ? [] : view.notes) lines.push(`  note      ${note}`);
  if (recovery?.holder !== undefined) {
    lines.push(
      `  changing  by ${formatHolder(recovery.holder)}, begun ${formatAge(recovery.heldForMs ?? 0)}`,
    );
  }
  if (recovery?.note !== undefined) lines.push(`  recovered ${recovery.note}`);
  if (status.waiting !== undefined)
    lines.push(`  waiting   ${status.waiting} for \`fairlead approve ${status.environment}\``);
  if (status.attention !== undefined) lines.push(`  NEEDS ATTENTION  ${status.attention}`);
  if (status.problem !== undefined) lines.push(`  PROBLEM   ${status.problem}`);
  return lines;
}

function describeDeployment(context: Context, view: EnvironmentView, deployment: DeploymentView): string {
  const mark = deployment.id === view.active ? "●" : deployment.id === view.previous ? "○" : " ";
  const since = formatAge(context.clock.now() - Date.parse(deployment.activatedAt ?? deployment.startedAt));
  const warm = deployment.state === "ready" && deployment.id === view.previous ? "warm" : deployment.state;
  const restarts = deployment.restarts === 0 ? "" : `, ${String(deployment.restarts)} restarts`;
  const mode = deployment.mode === "forwarded" ? ", through a pass-through (not Node.js: slower)" : "";
  return `${mark} ${deployment.id}  ${deployment.release.id}  ${warm}, ${since}${restarts}${mode}`;
}
