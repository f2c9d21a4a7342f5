import { checkNodeVersion, sourceState } from "../../build/index.ts";
import type { LoadedConfig, ResolvedConfig } from "../../config/index.ts";
import { stackOf, type Target, targetOf } from "../../deploy/index.ts";
import { type Context, type Problem } from "../../kernel/index.ts";
import { resolveVariables } from "../../secrets/index.ts";
import { type Check, type Finding, findingsOf, firstLine } from "./finding.ts";

/** Checks of a project whose configuration could be loaded. */
export function projectChecks(context: Context, loaded: LoadedConfig): Record<string, Check> {
  const targets = Object.keys(loaded.config.environments).map((name) => targetOf(loaded, name));
  const [first] = targets;
  return {
    ...(first === undefined ? {} : { application: () => checkApplication(context, first) }),
    database: () => checkDatabases(context, targets),
    addresses: async () => (await Promise.all(targets.map((target) => checkAddress(context, target)))).flat(),
    variables: async () => (await Promise.all(targets.map(checkVariables))).flat(),
  };
}

/** What git says about the folder. */
export async function checkGit(context: Context, root: string): Promise<Finding> {
  const name = "git";
  const version = await firstLine(context, ["git", "--version"]);
  if (version === undefined) {
    const message = "is not installed; releases carry no commit, and plans list no commits";
    return { name, state: "warn", message, remedy: "install git" };
  }
  const state = await sourceState(context, root);
  if (state.problem !== undefined) {
    return { name, state: "warn", message: state.problem, remedy: "make git answer in this folder" };
  }
  if (!state.git) {
    const message = "no repository; releases carry no commit, and plans list no commits";
    return { name, state: "warn", message, remedy: "git init, and commit" };
  }
  const place =
    state.branch ?? (state.sha === undefined ? "no commit yet" : `detached at ${state.sha.slice(0, 9)}`);
  if (!state.dirty) return { name, state: state.detached ? "warn" : "ok", message: `${place}, clean` };
  return {
    name,
    state: "warn",
    message: `${place}, with changes that are not committed`,
    remedy: "commit them, so that a release can be traced to its commit",
    details: state.changedFiles.slice(0, 5),
  };
}

async function checkApplication(context: Context, target: Target): Promise<Finding[]> {
  const name = "application";
  const stack = await stackOf(context, target);
  const manager = await firstLine(context, [stack.packageManager, "--version"]);
  const findings: Finding[] = [
    {
      name,
      state: "ok",
      message: `${stack.name} ${stack.version}, ${stack.framework}, in ${stack.directory}`,
    },
    ...findingsOf(
      name,
      unanswered(stack.unknown, target.config),
      "warn",
      "everything about it was found out",
    ),
  ];
  if (manager === undefined) {
    const remedy = `install ${stack.packageManager}, or let corepack do so: corepack enable`;
    findings.push({
      name,
      state: "fail",
      message: `${stack.packageManager}, its package manager, does not run`,
      remedy,
    });
  }
  const node = checkNodeVersion(stack.nodeVersion, process.versions.node);
  return node === undefined ? findings : [...findings, ...findingsOf(name, [node], "warn", "")];
}

// What could not be detected does not matter where the configuration says it.
function unanswered(unknown: readonly Problem[], config: ResolvedConfig): Problem[] {
  const { path, start, build, health, migrations, variables } = config;
  const isSaid: Record<string, boolean> = {
    path: path !== ".",
    start: start !== undefined,
    "build.outputs": build.outputs !== undefined,
    "health.path": health.path !== undefined,
    migrations: migrations === false || migrations.tool !== undefined,
  };
  for (const name of Object.keys(variables)) isSaid[`variables.${name}`] = true;
  return unknown.filter(({ where }) => isSaid[where] !== true);
}

async function checkDatabases(context: Context, targets: readonly Target[]): Promise<Finding[]> {
  const [first] = targets;
  if (first === undefined) return [];
  const problems = await first.database.check(context);
  const found = findingsOf("database", problems, "fail", `${first.database.name} can be used`);
  const states = await Promise.all(targets.map((target) => target.database.observe(context, target.name)));
  const existing = states.filter((state) => state.exists);
  return [
    ...found,
    ...existing.map((state): Finding => {
      const version = state.version === undefined ? "" : ` PostgreSQL ${state.version},`;
      const running = state.running ? "running" : "stopped";
      return {
        name: "database",
        state: "ok",
        message: `${state.environment}:${version} ${running}, ${state.location}`,
      };
    }),
  ];
}

async function checkAddress(context: Context, target: Target): Promise<Finding[]> {
  const problems = await target.platform.check(context, target.name);
  const { port, host } = target.environment;
  return findingsOf("addresses", problems, "fail", `${target.name}: ${host}:${String(port)} can be served`);
}

async function checkVariables(target: Target): Promise<Finding[]> {
  const { problems } = await resolveVariables(target.root, target.config, target.name, { generate: false });
  return findingsOf("variables", problems, "fail", `${target.name}: every variable has a value`);
}
