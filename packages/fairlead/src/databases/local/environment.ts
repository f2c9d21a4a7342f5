import { readdir, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";

import { codeOf, type Context, environmentSlug, FairleadError, readJson } from "../../kernel/index.ts";
import { type Account, chooseAccount, makeFolder } from "./account.ts";
import { type Binaries, resolveBinaries } from "./binaries.ts";
import { type ClusterRecord, readCluster } from "./cluster.ts";
import { asDiskFull } from "./copy.ts";
import { initialiseCluster } from "./initialise.ts";
import { withLock } from "./lock.ts";
import { environmentFolder, findPlace, type Place, preparePlace } from "./place.ts";
import { answers, startServer, stopServer } from "./server.ts";

export interface LocalOptions {
  /** Absolute path of the project. */
  root: string;
  application: string;
  /** Only these binaries; the machine's own, then npm's, without. */
  binaries?: "machine" | "npm" | undefined;
  /** Where data goes that cannot lie in the project. */
  systemDirectory: string;
}

/** One environment's folder: `cluster/` is its database, `branches/<name>/` are copies. */
export interface Site {
  options: LocalOptions;
  environment: string;
  place: Place;
  folder: string;
  cluster: string;
  branches: string;
}

/** Written while `restore` exchanges the cluster, so that whoever comes after a crash can finish it. */
export interface RestoreIntent {
  /** Folder of the prepared cluster, from the environment's folder. */
  prepared: string;
}

/** Where an environment's database is or would be. */
export async function locate(options: LocalOptions, environment: string): Promise<Site> {
  return siteIn(await findPlace(options), options, environment);
}

/** Runs `action` alone among all that start, stop, make or replace the environment's server. */
export function withServerLock<T>(
  context: Context,
  site: Site,
  doing: string,
  action: () => Promise<T>,
): Promise<T> {
  const directory = join(site.place.locks, `${environmentSlug(site.environment)}.server`);
  return withLock(context, directory, { what: `${doing} the database of ${site.environment}` }, action);
}

/** The environment's cluster as it is recorded. Errors: `database-missing`, `database-name`. */
export async function requireCluster(site: Site): Promise<ClusterRecord> {
  const record = await findCluster(site);
  if (record !== undefined) return record;
  throw new FairleadError("database-missing", `${site.environment} has no database yet in ${site.folder}`, {
    exit: "environment",
    hint: "Start it first: fairlead up.",
  });
}

/** The environment's cluster as it is recorded; `undefined` when there is none. Errors: `database-name`. */
export async function findCluster(site: Site): Promise<ClusterRecord | undefined> {
  const record = await readCluster(site.cluster);
  if (record === undefined || record.environment === site.environment) return record;
  throw new FairleadError(
    "database-name",
    `${site.environment} would share its folder ${site.folder} with ${record.environment}`,
    { exit: "usage", hint: "Give one of the two environments another name." },
  );
}

/** Makes the environment's cluster where there is none, starts it where it does not run; idempotent. */
export async function ensureRunning(
  context: Context,
  options: LocalOptions,
  environment: string,
): Promise<ClusterRecord> {
  const found = await locate(options, environment);
  const known = await findCluster(found);
  if (known !== undefined && (await answers(context, found.cluster, known))) return known;
  const site = siteIn(await preparePlace(context, options), options, environment);
  try {
    return await withServerLock(context, site, "starting", () => createAndStart(context, site));
  } catch (error) {
    throw asDiskFull(error, site.folder);
  }
}

/** Starts the server of a cluster's folder with binaries that fit; under the lock that covers it. */
export function startIn(
  context: Context,
  site: Site,
  folder: string,
  settings: string[] = [],
): Promise<ClusterRecord> {
  return startServer(context, { folder, settings, binaries: (data) => fittingBinaries(context, site, data) });
}

/** Binaries for new data, or for data of a given version. */
export function fittingBinaries(
  context: Context,
  site: Site,
  data: { account: Account | undefined; major?: number },
): Promise<Binaries> {
  const { locks, tools } = site.place;
  return resolveBinaries(context, { ...data, tools, locks, source: site.options.binaries });
}

/** Deletes the environment's database for good; under the lock. */
export async function deleteEnvironment(context: Context, site: Site): Promise<void> {
  if ((await readCluster(site.cluster)) !== undefined) await stopServer(context, site.cluster);
  const doomed = join(
    site.place.databases,
    `.deleted-${basename(site.folder)}-${String(context.clock.now())}`,
  );
  try {
    // Renamed first: a deletion that is cut short must not leave something that looks like a database.
    await rename(site.folder, doomed);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  await removeLeftovers(site.place.databases, [".deleted-"]);
}

/** Removes what was left by runs that were killed; only under the lock that covers the folder. */
export async function removeLeftovers(directory: string, prefixes: string[]): Promise<void> {
  const entries = await readdir(directory).catch(() => []);
  for (const entry of entries) {
    if (!prefixes.some((prefix) => entry.startsWith(prefix))) continue;
    // A child of the killed run may still write there; the next run tries again.
    await rm(join(directory, entry), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Path of the file that holds a `RestoreIntent`. */
export function restoreIntentPath(site: Site): string {
  return join(site.folder, "restore.json");
}

async function createAndStart(context: Context, site: Site): Promise<ClusterRecord> {
  await makeFolder(site.folder, 0o711);
  await finishRestore(site);
  await removeLeftovers(site.folder, [".new-"]);
  if ((await findCluster(site)) === undefined) {
    const account = await chooseAccount(context, site.place.databases);
    await initialiseCluster(context, {
      application: site.options.application,
      environment: site.environment,
      folder: site.cluster,
      account,
      binaries: await fittingBinaries(context, site, { account }),
    });
  }
  return startIn(context, site, site.cluster);
}

/**
 * Completes or drops a `restore` that was killed: once the old cluster is moved aside, the prepared one takes
 * its place.
 */
export async function finishRestore(site: Site): Promise<void> {
  const intent = await readJson<RestoreIntent>(restoreIntentPath(site));
  if (intent === undefined) return;
  if ((await readCluster(site.cluster)) === undefined) {
    await rename(join(site.folder, intent.prepared), site.cluster).catch((error: unknown) => {
      if (codeOf(error) !== "ENOENT") throw error;
    });
  }
  await rm(restoreIntentPath(site), { force: true });
}

function siteIn(place: Place, options: LocalOptions, environment: string): Site {
  const folder = environmentFolder(place, environment);
  return {
    options,
    environment,
    place,
    folder,
    cluster: join(folder, "cluster"),
    branches: join(folder, "branches"),
  };
}
