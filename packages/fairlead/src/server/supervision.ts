import type { LoadedConfig } from "../config/index.ts";
import type { Database } from "../databases/index.ts";
import {
  databaseOf,
  openTarget,
  platformOf,
  recover,
  scratchEnvironment,
  type Target,
  targetOf,
} from "../deploy/index.ts";
import { type Context, FairleadError, messageOf } from "../kernel/index.ts";

const lookIntervalMs = 1000;

/** The environments whose releases run on the platform of this machine (not `development`, which `dev` runs). */
export function servedTargets(loaded: LoadedConfig): Target[] {
  return Object.keys(loaded.config.environments)
    .filter((name) => name !== "development" && platformOf(loaded, name).hosting !== undefined)
    .map((name) => targetOf(loaded, name));
}

function scratchDatabases(loaded: LoadedConfig): Database[] {
  const byName = new Map<string, Database>();
  for (const name of Object.keys(loaded.config.environments)) {
    const database = databaseOf(loaded, name);
    byName.set(database.name, database);
  }
  return [...byName.values()];
}

/** Starts an environment's database and host, and in it what ran before; takes up what a dead deployer left. */
export async function startEnvironment(context: Context, target: Target): Promise<void> {
  const step = context.out.step(`Start ${target.name}`);
  try {
    const open = await openTarget(context, target);
    try {
      const view = await target.platform.hosting?.up(context, target.name);
      const recovery = await recover(context, open);
      const active = view?.deployments.find((deployment) => deployment.id === view.active);
      const runs =
        active === undefined ? "nothing deployed yet" : `${active.release.id} at ${view?.address ?? ""}`;
      step.done(`${runs}${recovery.note === undefined ? "" : `; ${recovery.note}`}`);
    } finally {
      await open.state.close();
    }
  } catch (error) {
    step.fail(messageOf(error));
    throw error;
  }
}

/** Drains and stops an environment's processes, then its database; what was deployed comes back with the next start. */
async function stopEnvironment(context: Context, target: Target): Promise<void> {
  const step = context.out.step(`Stop ${target.name}`);
  try {
    await target.platform.hosting?.down(context, target.name);
    await target.database.lifecycle?.stop(context, target.name);
    step.done();
  } catch (error) {
    step.fail(messageOf(error));
    throw error;
  }
}

/**
 * Stops environments and the scratch database; the last one even if an earlier one fails.
 * Errors: `stop-failed` with the first failure.
 */
export async function stopAll(
  context: Context,
  loaded: LoadedConfig,
  targets: readonly Target[],
): Promise<void> {
  const scratch = scratchDatabases(loaded).map((database) =>
    database.lifecycle?.stop(context, scratchEnvironment),
  );
  const results = await Promise.allSettled([
    ...targets.map((target) => stopEnvironment(context, target)),
    ...scratch,
  ]);
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) {
    throw new FairleadError("stop-failed", `not everything was stopped: ${messageOf(failed.reason)}`, {
      hint: "`fairlead down` tries again.",
    });
  }
}

/** Looks after the environments until the signal fires: a database or host that was killed is started again. */
export async function supervise(context: Context, targets: readonly Target[]): Promise<void> {
  const troubled = new Set<string>();
  while (!context.signal.aborted) {
    await Promise.all(targets.map((target) => look(context, target, troubled)));
    await context.clock.sleep(lookIntervalMs, context.signal).catch(() => undefined);
  }
}

async function look(context: Context, target: Target, troubled: Set<string>): Promise<void> {
  try {
    const database = await target.database.observe(context, target.name);
    if (database.exists && !database.running && !context.signal.aborted) {
      context.out.warn(`the database of ${target.name} is down; starting it`);
      await target.database.provision(context, target.name);
      context.out.note(`the database of ${target.name} is up again`);
    }
    if (!context.signal.aborted) await target.platform.hosting?.up(context, target.name);
    if (troubled.delete(target.name)) context.out.note(`${target.name} is well again`);
  } catch (error) {
    if (context.signal.aborted || troubled.has(target.name)) return;
    troubled.add(target.name);
    context.out.warn(`${target.name}: ${messageOf(error)}; trying again every second`);
  }
}
