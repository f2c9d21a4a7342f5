import { type Context, FairleadError, messageOf, type Problem } from "../kernel/index.ts";
import { readServerDetails } from "./client.ts";
import { chooseAccount } from "./local/account.ts";
import { findMachineBinaries, oldestMajor } from "./local/binaries.ts";
import {
  closeBranch,
  closeBranches,
  deleteBranch,
  listBranches,
  withBranchLock,
} from "./local/branch-store.ts";
import { makeBranch, openBranch } from "./local/branches.ts";
import { applicationUrl, type ClusterRecord, dataDirectory } from "./local/cluster.ts";
import {
  deleteEnvironment,
  ensureRunning,
  findCluster,
  type LocalOptions,
  locate,
  requireCluster,
  type Site,
  withServerLock,
} from "./local/environment.ts";
import { hasPackage, npmCommand, packageName } from "./local/package.ts";
import { findPlace } from "./local/place.ts";
import { findPostmaster } from "./local/postmaster.ts";
import { restoreBranch } from "./local/restore.ts";
import { stopServer } from "./local/server.ts";
import type { Connection, Database, DatabaseBranches, DatabaseState } from "./port.ts";

export interface LocalPostgresOptions {
  /** Absolute path of the project; data goes to its `.fairlead` folder. */
  root: string;
  application: string;
  /** Only these binaries; the machine's own, then npm's, without. */
  binaries?: "machine" | "npm" | undefined;
  /** Where root's data goes when the project's folder cannot be passed by the account that runs Postgres. */
  systemDirectory?: string;
}

/**
 * Postgres on this machine: one private server per environment, started on demand, each with its own role and
 * random password, so that one environment's connection is of no use at another.
 */
export function createLocalPostgres(options: LocalPostgresOptions): Database {
  const local: LocalOptions = { systemDirectory: "/var/lib/fairlead", ...options };
  return {
    name: "local Postgres",
    check: (context) => check(context, local),
    observe: async (context, environment) => observe(context, await locate(local, environment)),
    async provision(context, environment) {
      await ensureRunning(context, local, environment);
      return observe(context, await locate(local, environment));
    },
    async destroy(context, environment) {
      const site = await locate(local, environment);
      await withBranchLock(context, site, "deleting the database", () =>
        withServerLock(context, site, "deleting", async () => {
          await closeBranches(context, site);
          await deleteEnvironment(context, site);
        }),
      );
    },
    branch: async (context, environment, name) => makeBranch(context, await locate(local, environment), name),
    connection: async (context, environment) => connect(context, await locate(local, environment)),
    lifecycle: {
      async stop(context, environment) {
        const site = await locate(local, environment);
        if ((await findCluster(site)) === undefined) return;
        await withServerLock(context, site, "stopping", async () => {
          await closeBranches(context, site);
          await stopServer(context, site.cluster);
        });
      },
    },
    branches: branchesOf(local),
  };
}

function branchesOf(local: LocalOptions): DatabaseBranches {
  return {
    list: async (_context, environment) => listBranches(await locate(local, environment)),
    open: async (context, environment, name) => openBranch(context, await locate(local, environment), name),
    restore: async (context, environment, name) =>
      restoreBranch(context, await locate(local, environment), name),
    async delete(context, environment, name) {
      const site = await locate(local, environment);
      await withBranchLock(context, site, "deleting a copy", () => deleteBranch(context, site, name));
    },
    async close(context, environment, name) {
      const site = await locate(local, environment);
      await withBranchLock(context, site, "closing a copy", () => closeBranch(context, site, name));
    },
  };
}

async function check(context: Context, options: LocalOptions): Promise<Problem[]> {
  const where = "Postgres on this machine";
  if (process.platform === "win32") {
    const remedy = "work in WSL, or give the environments the URL of a Postgres";
    return [{ where, message: "cannot be run on Windows", remedy }];
  }
  try {
    const account = await chooseAccount(context);
    if (options.binaries !== "npm" && (await findMachineBinaries(context, account)).length > 0) return [];
  } catch (error) {
    if (!(error instanceof FairleadError)) throw error;
    return [{ where, message: error.message, ...(error.hint === undefined ? {} : { remedy: error.hint }) }];
  }
  const install = `install PostgreSQL ${String(oldestMajor)} or newer with the package manager`;
  if (options.binaries === "machine") return [{ where, message: "is not installed", remedy: install }];
  if (packageName() === undefined) {
    const machine = `${process.platform} ${process.arch}`;
    const message = `is not installed, and npm has none for ${machine}`;
    return [{ where, message, remedy: install }];
  }
  if (await hasPackage((await findPlace(options)).tools)) return [];
  const npm = await context
    .exec([...npmCommand(context), "--version"], { timeoutMs: 20_000 })
    .catch((error: unknown) => ({ code: 1, stderr: messageOf(error) }));
  if (npm.code === 0) return [];
  return [
    {
      where,
      message: `is not installed, and npm, which could fetch it, does not run: ${npm.stderr}`,
      remedy: install,
    },
  ];
}

async function observe(context: Context, site: Site): Promise<DatabaseState> {
  const { environment } = site;
  const record = await findCluster(site);
  if (record === undefined) return { environment, exists: false, running: false, location: site.folder };
  const running = (await findPostmaster(context, dataDirectory(site.cluster))) !== undefined;
  // It may start, recover or stop just now; then all that is known is that it runs.
  const details = running
    ? await readServerDetails(applicationUrl(record)).catch(() => undefined)
    : undefined;
  return { environment, exists: true, running, location: describe(site, record), ...details };
}

function describe(site: Site, record: ClusterRecord): string {
  const { directory, source, version } = record.binaries;
  const origin = source === "npm" ? "from npm" : `in ${directory}`;
  return `${site.cluster}, port ${String(record.port)} (PostgreSQL ${version} ${origin})`;
}

async function connect(context: Context, site: Site): Promise<Connection> {
  const record = await requireCluster(site);
  context.out.conceal(record.passwords.application);
  return { url: applicationUrl(record) };
}
