import { randomBytes } from "node:crypto";
import { chown, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

import type pg from "pg";

import { type Context, FairleadError, lastLines } from "../../kernel/index.ts";
import { withClient } from "../client.ts";
import type { Account } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { type ClusterRecord, superuserUrl } from "./cluster.ts";
import { asDiskFull, copyEntry, copyTree, type TreeCopyRequest } from "./copy.ts";
import { startFailure } from "./failure.ts";

export interface BackupRequest {
  record: ClusterRecord;
  /** Data directory of the running server. */
  source: string;
  /** Data directory of the copy, which does not exist yet. */
  target: string;
  owner: Account | undefined;
}

const syncTimeoutMs = 30 * 60_000;
const controlReads = 20;

/**
 * Copies a running cluster while it goes on serving, with the low-level backup functions (PostgreSQL
 * documentation, "Making a Base Backup Using the Low Level API"): files are copied as they are at some moment
 * between start and stop, the log written meanwhile makes them whole at the first start. The copy holds
 * everything that was committed before the call. Gives its size in bytes.
 */
export async function copyRunningCluster(context: Context, request: BackupRequest): Promise<number> {
  const tree: TreeCopyRequest = { ...request, treat: treatLiveFile };
  const bytes = await withClient(superuserUrl(request.record), async (client) => {
    await prepareSession(client);
    await client.query("select pg_backup_start($1, true)", ["fairlead"]);
    const copied = await copyTree(context, tree);
    await copyControlFile(tree);
    const { label, lastSegment } = await stopBackup(client);
    const written = await copySegments(tree, await readSegments(client, label, lastSegment));
    await writeOwned(request, "backup_label", label);
    return copied + written;
  });
  return bytes;
}

/** Writes everything of a data directory to the disk, so that a copy outlives a power failure. */
export async function syncToDisk(
  context: Context,
  request: { data: string; account: Account | undefined; binaries: Binaries },
): Promise<void> {
  const argv = [join(request.binaries.directory, "initdb"), "--sync-only", `--pgdata=${request.data}`];
  const result = await context.exec(argv, { ...request.account, cwd: "/", timeoutMs: syncTimeoutMs });
  if (result.code === 0) return;
  const lines = lastLines(`${result.stdout}\n${result.stderr}`, 12);
  throw startFailure({ what: "the copy cannot be written to the disk", folder: request.data, lines });
}

/**
 * The names of the log segments from `first` to `last` (24 hexadecimal digits: timeline, high part, low
 * part).
 */
export function segmentNames(first: string, last: string, segmentBytes: number): string[] {
  const perHigh = 0x1_0000_0000 / segmentBytes;
  const numberOf = (name: string) =>
    Number.parseInt(name.slice(8, 16), 16) * perHigh + Number.parseInt(name.slice(16), 16);
  const hex = (value: number) => value.toString(16).toUpperCase().padStart(8, "0");
  const names: string[] = [];
  for (let number = numberOf(first); number <= numberOf(last); number += 1) {
    names.push(first.slice(0, 8) + hex(Math.floor(number / perHigh)) + hex(number % perHigh));
  }
  return names;
}

/** What to do with a path of a running server's data directory; the list is the documentation's. */
export function treatLiveFile(path: string): "copy" | "skip" | "empty" {
  const name = basename(path);
  if (emptyFolders.has(path)) return "empty";
  if (path === "global/pg_control") return "skip";
  if (skippedFiles.has(path) || /^(pgsql_tmp|pg_internal\.init)/.test(name)) return "skip";
  return "copy";
}

const emptyFolders = new Set([
  "pg_dynshmem",
  "pg_notify",
  "pg_replslot",
  "pg_serial",
  "pg_snapshots",
  "pg_stat_tmp",
  "pg_subtrans",
  "pg_wal",
]);
const skippedFiles = new Set([
  "backup_label",
  "backup_label.old",
  "backup_manifest",
  "current_logfiles",
  "current_logfiles.tmp",
  "postgresql.auto.conf.tmp",
  "postmaster.opts",
  "postmaster.pid",
  "tablespace_map",
  "tablespace_map.old",
]);

async function prepareSession(client: pg.Client): Promise<void> {
  await client.query("set statement_timeout = 0");
  await client.query("set idle_session_timeout = 0");
  const { rows } = await client.query<{ count: string }>(
    "select count(*) from pg_tablespace where oid >= 16384",
  );
  if (rows[0]?.count !== "0") {
    throw new FairleadError("branch-unsupported", "a database with tablespaces of its own cannot be copied", {
      hint: "Move its tables to the default tablespace (ALTER TABLE … SET TABLESPACE pg_default).",
    });
  }
  // Keeps the log from here on until this session ends, however long the copy takes.
  await client.query("select pg_create_physical_replication_slot($1, true, true)", [
    `fairlead_${randomBytes(6).toString("hex")}`,
  ]);
}

async function stopBackup(client: pg.Client): Promise<{ label: string; lastSegment: string }> {
  const { rows } = await client.query<{ label: string; last: string }>(
    "select labelfile as label, pg_walfile_name(lsn) as last from pg_backup_stop(false)",
  );
  const [row] = rows;
  if (row === undefined) throw new Error("pg_backup_stop gave no row");
  return { label: row.label, lastSegment: row.last };
}

async function readSegments(client: pg.Client, label: string, last: string): Promise<string[]> {
  const first = /\(file ([0-9A-F]{24})\)/.exec(label)?.[1];
  const { rows } = await client.query<{ bytes: number }>(
    "select setting::int as bytes from pg_settings where name = 'wal_segment_size'",
  );
  const bytes = rows[0]?.bytes;
  if (first === undefined || bytes === undefined) throw new Error(`unexpected backup label: ${label}`);
  return segmentNames(first, last, bytes);
}

// pg_backup_stop() has switched to a new segment, so the last of these is complete.
async function copySegments(tree: TreeCopyRequest, names: string[]): Promise<number> {
  const histories = (await readdir(join(tree.source, "pg_wal"))).filter((name) => name.endsWith(".history"));
  let bytes = 0;
  try {
    for (const name of [...histories, ...names]) {
      const copied = await copyEntry(tree, join("pg_wal", name));
      if (copied === 0) throw new FairleadError("branch-failed", `the log segment ${name} is gone`);
      bytes += copied;
    }
  } catch (error) {
    throw asDiskFull(error, tree.target);
  }
  return bytes;
}

// Last of the files, and until two reads agree: a read beside a write may give a mixture.
async function copyControlFile(tree: TreeCopyRequest): Promise<void> {
  const path = join("global", "pg_control");
  let before = await readFile(join(tree.source, path));
  for (let attempt = 0; attempt < controlReads; attempt += 1) {
    const after = await readFile(join(tree.source, path));
    if (after.equals(before)) return writeOwned(tree, path, after);
    before = after;
  }
  throw new FairleadError("branch-failed", `${path} did not stand still over ${String(controlReads)} reads`);
}

async function writeOwned(
  request: { target: string; owner: Account | undefined },
  path: string,
  content: string | Buffer,
): Promise<void> {
  const target = join(request.target, path);
  await writeFile(target, content, { mode: 0o600 });
  if (request.owner !== undefined) await chown(target, request.owner.uid, request.owner.gid);
}
