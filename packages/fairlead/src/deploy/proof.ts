import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

import { withClient } from "../databases/index.ts";
import { type Context, FairleadError, readJson, stateDirectory, writeAtomically } from "../kernel/index.ts";
import { migrationTools, proveDown } from "../migrate/index.ts";
import type { PlannedMigrations } from "./plan.ts";
import type { Target } from "./target.ts";

const lockWaitMs = 10 * 60_000;

/** The name under which a project's scratch database is provisioned; it is emptied before each use. */
export const scratchEnvironment = "scratch";

export interface ProofRequest {
  /** Absolute directory of the application whose migrations are proved. */
  application: string;
  source: NonNullable<PlannedMigrations["source"]>;
  pending: string[];
}

export interface Proof {
  proved: boolean;
  reason?: string;
}

/**
 * Proves that the pending migrations can be taken back: up, down and up again on an empty scratch database, with the
 * schema equal each time. A result is kept for the same migration files.
 */
export async function proveRollback(context: Context, target: Target, request: ProofRequest): Promise<Proof> {
  const cachePath = join(stateDirectory(target.root), "cache", `proof-${await proofKey(request)}.json`);
  const known = await readJson<Proof>(cachePath);
  if (known !== undefined) return known;
  await target.database.provision(context, scratchEnvironment);
  const { url } = await target.database.connection(context, scratchEnvironment);
  context.out.conceal(url.reveal());
  const proof = await withClient(url, async (client) => {
    // One proof at a time: each empties the scratch database first. The lock goes with the session.
    await client.query(`set lock_timeout = ${String(lockWaitMs)}`);
    await client.query("select pg_advisory_lock(hashtext('fairlead proof'))").catch((cause: unknown) => {
      throw new FairleadError("proof-busy", "another plan has been proving its migrations for too long", {
        cause,
        hint: "Try again when it is done; `fairlead down` ends the scratch database it uses.",
      });
    });
    return proveDown(context, {
      tool: migrationTools[request.source.tool],
      applicationDirectory: request.application,
      directory: request.source.directory,
      databaseUrl: url,
      pending: request.pending,
    });
  });
  await writeAtomically(cachePath, JSON.stringify(proof));
  return proof;
}

async function proofKey(request: ProofRequest): Promise<string> {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([request.source, request.pending]));
  const folder = join(request.application, request.source.directory);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort()) {
    hash.update(`${relative(folder, file)}\0`);
    hash.update(await readFile(file));
  }
  return hash.digest("hex").slice(0, 24);
}
