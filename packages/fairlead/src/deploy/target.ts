import { resolve } from "node:path";

import {
  type EnvironmentConfig,
  environmentOf,
  type LoadedConfig,
  type ResolvedConfig,
} from "../config/index.ts";
import type { Database } from "../databases/index.ts";
import { type Context, FairleadError, formatProblem, type Secret } from "../kernel/index.ts";
import type { Platform } from "../platforms/index.ts";
import { resolveVariables } from "../secrets/index.ts";
import { detectStack, type Stack } from "../stack/index.ts";
import { openState, reconcileOffline, type StateStore } from "../state/index.ts";
import { databaseOf, platformOf } from "./adapters.ts";

/** An environment with everything a change of it needs; nothing in it has been started yet. */
export interface Target {
  name: string;
  root: string;
  application: string;
  config: ResolvedConfig;
  environment: EnvironmentConfig;
  platform: Platform;
  database: Database;
}

/** A target whose database runs and has been found to be the right one. */
export interface OpenTarget extends Target {
  databaseUrl: Secret;
  state: StateStore;
}

/** Binds an environment's name to its adapters. Errors: `environment-unknown`. */
export function targetOf(loaded: LoadedConfig, name: string): Target {
  return {
    name,
    root: loaded.root,
    application: loaded.config.application,
    config: loaded.config,
    environment: environmentOf(loaded, name),
    platform: platformOf(loaded, name),
    database: databaseOf(loaded, name),
  };
}

/** Starts the target's database where it does not run and opens its state; the identity is verified before anything else. */
export async function openTarget(context: Context, target: Target): Promise<OpenTarget> {
  await target.database.provision(context, target.name);
  const { url } = await target.database.connection(context, target.name);
  context.out.conceal(url.reveal());
  const state = await openState(url, { application: target.application, environment: target.name });
  await reconcileOffline(target.root, target.name, state);
  return { ...target, databaseUrl: url, state };
}

/** What the sources of a target are: the detected stack with what the config says instead. */
export async function stackOf(context: Context, target: Target): Promise<Stack> {
  const { config } = target;
  const stack = await detectStack(context, resolve(target.root, config.path));
  const migrations = config.migrations === false ? undefined : stack.migrations;
  const tool = config.migrations === false ? undefined : (config.migrations.tool ?? migrations?.tool);
  const directory =
    config.migrations === false ? undefined : (config.migrations.directory ?? migrations?.directory);
  const result: Stack = { ...stack };
  delete result.migrations;
  if (tool !== undefined && directory !== undefined) result.migrations = { tool, directory };
  if (config.health.path !== undefined) result.health = config.health.path;
  if (config.dev !== undefined) result.dev = config.dev;
  if (config.seed !== undefined) result.seed = config.seed;
  return result;
}

/**
 * The variables of a target's processes, `DATABASE_URL` among them.
 * Errors: `variables-missing` with every variable that has no value.
 */
export async function variablesOf(
  context: Context,
  target: OpenTarget,
): Promise<Record<string, string | Secret>> {
  const resolved = await resolveVariables(target.root, target.config, target.name);
  if (resolved.problems.length > 0) {
    throw new FairleadError("variables-missing", `${target.name} lacks variables`, {
      exit: "usage",
      details: resolved.problems.map(formatProblem),
    });
  }
  for (const name of resolved.generated) context.out.note(`made a random ${name} for ${target.name}`);
  for (const value of Object.values(resolved.values)) {
    if (typeof value !== "string") context.out.conceal(value.reveal());
  }
  return { ...resolved.values, DATABASE_URL: target.databaseUrl };
}

/** Ids of the releases that any environment's deployments run or could be switched back to. */
export async function releasesInUse(context: Context, target: Target): Promise<Set<string>> {
  const inUse = new Set<string>();
  for (const name of Object.keys(target.config.environments)) {
    const view = await target.platform.observe(context, name);
    for (const deployment of view.deployments) {
      if (deployment.state !== "stopped" && deployment.state !== "failed") inUse.add(deployment.release.id);
      if (deployment.id === view.active || deployment.id === view.previous) inUse.add(deployment.release.id);
    }
  }
  return inUse;
}
