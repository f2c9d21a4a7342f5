import { randomBytes } from "node:crypto";
import { rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";

import { type Context, writeAtomically } from "../../kernel/index.ts";
import { requireBranch, withBranchLock, writeBranch } from "./branch-store.ts";
import { prepareCluster } from "./branches.ts";
import { treeSize } from "./copy.ts";
import {
  ensureRunning,
  finishRestore,
  removeLeftovers,
  requireCluster,
  type RestoreIntent,
  restoreIntentPath,
  type Site,
  startIn,
  withServerLock,
} from "./environment.ts";
import { readFence } from "./identity.ts";
import { stopServer } from "./server.ts";

/**
 * Puts a copy in the place of the environment's database. The database that was there becomes a copy itself,
 * named `before-restore-<time>`. Killed at any instant it leaves the one or the other; whoever starts the
 * environment next completes it (`finishRestore`).
 */
export function restoreBranch(context: Context, site: Site, name: string): Promise<void> {
  return withBranchLock(context, site, "restoring a copy", async () => {
    await requireBranch(site, name);
    await withServerLock(context, site, "restoring", async () => {
      await finishRestore(site);
      await removeLeftovers(site.folder, [".restore-"]);
    });
    const record = await requireCluster(site);
    const prepared = join(site.folder, `.restore-${randomBytes(6).toString("hex")}`);
    try {
      await prepareCluster(context, site, {
        branch: name,
        folder: prepared,
        record,
        durable: true,
        identity: { environment: site.environment, fence: await highestFence(context, site) },
      });
      await withServerLock(context, site, "restoring", () => exchange(context, site, prepared));
    } finally {
      await rm(prepared, { recursive: true, force: true });
    }
  });
}

// A database that does not start any more is a reason to restore, so its fence may stay unknown.
async function highestFence(context: Context, site: Site): Promise<string | undefined> {
  try {
    return await readFence(await ensureRunning(context, site.options, site.environment));
  } catch {
    if (context.signal.aborted) throw context.signal.reason;
    return undefined;
  }
}

async function exchange(context: Context, site: Site, prepared: string): Promise<void> {
  await stopServer(context, site.cluster);
  const now = new Date(context.clock.now()).toISOString();
  const name = `before-restore-${now.replaceAll(/[-:.]/g, "")}`;
  // Recorded while it is still in its place, so that it is listed from the moment it has moved.
  await writeBranch(site.cluster, {
    name,
    environment: site.environment,
    createdAt: now,
    sizeBytes: await treeSize(site.cluster),
    tookMs: 0,
    method: "set aside",
  });
  const intent: RestoreIntent = { prepared: basename(prepared) };
  await writeAtomically(restoreIntentPath(site), JSON.stringify(intent));
  await rename(site.cluster, join(site.branches, name));
  await rename(prepared, site.cluster);
  await rm(restoreIntentPath(site), { force: true });
  await startIn(context, site, site.cluster);
}
