import { randomBytes } from "node:crypto";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";

import { type Context, FairleadError, messageOf } from "../../kernel/index.ts";
import type { Branch, Connection } from "../port.ts";
import { makeFolder, ownerOf } from "./account.ts";
import { copyRunningCluster, syncToDisk } from "./backup.ts";
import {
  branchFolder,
  openFolder,
  readBranch,
  requireBranch,
  withBranchLock,
  writeBranch,
} from "./branch-store.ts";
import { applicationUrl, type ClusterRecord, dataDirectory, readCluster, writeCluster } from "./cluster.ts";
import { copyTree, requireSpace } from "./copy.ts";
import { ensureRunning, fittingBinaries, requireCluster, type Site, startIn } from "./environment.ts";
import { identityStatements, type NewIdentity } from "./identity.ts";
import { makePassword } from "./password.ts";
import { choosePort } from "./ports.ts";
import { answers, majorOf } from "./server.ts";
import { runStandalone } from "./standalone.ts";

// Whatever a copy was subscribed to must not notice it.
const branchSettings = ["max_logical_replication_workers=0"];

/** Makes (or finds) a copy of the environment's running database; see `copyRunningCluster`. */
export function makeBranch(context: Context, site: Site, name: string): Promise<Branch> {
  const folder = branchFolder(site, name);
  return withBranchLock(context, site, "copying the database", async () => {
    const existing = await readBranch(folder);
    if (existing !== undefined) return existing;
    await requireCluster(site);
    const record = await ensureRunning(context, site.options, site.environment);
    await makeFolder(site.branches, 0o711);
    return publish(site.branches, folder, async (temporary) => {
      const startedAt = context.clock.now();
      const source = dataDirectory(site.cluster);
      const owner = await ownerOf(source);
      const target = dataDirectory(temporary);
      await requireSpace(source, temporary);
      const sizeBytes = await copyRunningCluster(context, { record, source, target, owner }).catch(
        (error: unknown) => {
          throw copyFailed(site, error);
        },
      );
      await syncToDisk(context, { data: target, account: owner, binaries: record.binaries });
      const finishedAt = context.clock.now();
      const branch: Branch = {
        name,
        environment: site.environment,
        createdAt: new Date(finishedAt).toISOString(),
        sizeBytes,
        tookMs: finishedAt - startedAt,
        method: "physical copy",
      };
      await writeBranch(temporary, branch);
      return branch;
    });
  });
}

/** Starts a copy as a database of its own; what is written there leaves the copy as it was made. */
export async function openBranch(context: Context, site: Site, name: string): Promise<Connection> {
  const folder = openFolder(site, name);
  const known = await readCluster(folder);
  if (known !== undefined && (await answers(context, folder, known))) return connect(context, known);
  return withBranchLock(context, site, "opening a copy", async () => {
    await requireBranch(site, name);
    if ((await readCluster(folder)) === undefined) {
      const record = await requireCluster(site);
      const opened: ClusterRecord = {
        ...record,
        environment: `${site.environment}@${name}`,
        port: await choosePort(),
        passwords: { superuser: makePassword(), application: makePassword() },
      };
      await publish(branchFolder(site, name), folder, (temporary) =>
        prepareCluster(context, site, {
          branch: name,
          folder: temporary,
          record: opened,
          // An opened copy is for trying things; the copy that it was made from stays.
          durable: false,
          identity: { environment: opened.environment, fence: "0" },
        }),
      );
    }
    return connect(context, await startIn(context, site, folder, branchSettings));
  });
}

/**
 * Makes a cluster from a copy in a new folder: data, passwords and identity of its own; the server is not
 * started.
 */
export async function prepareCluster(
  context: Context,
  site: Site,
  request: {
    branch: string;
    folder: string;
    record: ClusterRecord;
    identity: NewIdentity;
    /** Whether it has to outlive a power failure. */
    durable: boolean;
  },
): Promise<void> {
  const source = dataDirectory(branchFolder(site, request.branch));
  const data = dataDirectory(request.folder);
  await makeFolder(request.folder, 0o711);
  const account = await ownerOf(source);
  const binaries = await fittingBinaries(context, site, { account, major: await majorOf(source) });
  await requireSpace(source, request.folder);
  await copyTree(context, { source, target: data, owner: account, treat: treatStoppedFile });
  if (request.durable) await syncToDisk(context, { data, account, binaries });
  const { database } = request.record;
  const statements = identityStatements(request.record, request.identity);
  await runStandalone(context, { account, binaries, data, database }, statements);
  await writeCluster(request.folder, { ...request.record, binaries });
}

/** Lets `fill` work in a new folder beside the final one, and renames it when it is whole. */
async function publish<T>(
  parent: string,
  folder: string,
  fill: (temporary: string) => Promise<T>,
): Promise<T> {
  const temporary = join(parent, `.new-${randomBytes(6).toString("hex")}`);
  try {
    await makeFolder(temporary, 0o711);
    const result = await fill(temporary);
    await rename(temporary, folder);
    return result;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function copyFailed(site: Site, error: unknown): unknown {
  if (error instanceof FairleadError) return error;
  const message = `the database of ${site.environment} could not be copied: ${messageOf(error)}`;
  return new FairleadError("branch-failed", message, {
    cause: error,
    hint: "Nothing was left of the copy. See the server's log beside its data, and try again.",
  });
}

function treatStoppedFile(path: string): "copy" | "skip" {
  return path === "postmaster.pid" || path === "postmaster.opts" ? "skip" : "copy";
}

function connect(context: Context, record: ClusterRecord): Connection {
  context.out.conceal(record.passwords.application);
  return { url: applicationUrl(record) };
}
