import { createHash } from "node:crypto";
import { join } from "node:path";

import { codeOf, FairleadError, readJson, Secret, writeAtomically } from "../../kernel/index.ts";
import { giveToOwnerOf } from "./account.ts";
import { type Binaries } from "./binaries.ts";

/**
 * What we keep beside a cluster's data, in `cluster.json` (mode 0600, as it holds the passwords).
 * A cluster's folder: `cluster.json`, `data/` (owned by the account that runs the server), `server.log`.
 */
export interface ClusterRecord {
  application: string;
  environment: string;
  role: string;
  database: string;
  port: number;
  passwords: { superuser: string; application: string };
  createdAt: string;
  binaries: Binaries;
}

/** The role that may do everything within a cluster; for our own use. */
export const superuser = "fairlead";

/** The data directory of a cluster's folder. */
export function dataDirectory(folder: string): string {
  return join(folder, "data");
}

export function logPath(folder: string): string {
  return join(folder, "server.log");
}

/** Reads a cluster's record; `undefined` when there is no cluster. */
export async function readCluster(folder: string): Promise<ClusterRecord | undefined> {
  try {
    return await readJson<ClusterRecord>(join(folder, "cluster.json"));
  } catch (error) {
    if (codeOf(error) !== "EACCES" && codeOf(error) !== "EPERM") throw error;
    throw new FairleadError("database-permission", `${folder} belongs to another user`, {
      cause: error,
      exit: "environment",
      hint: "Run fairlead as the user who made the database.",
    });
  }
}

/** Writes a cluster's record; root leaves it to the owner of the folder. */
export async function writeCluster(folder: string, record: ClusterRecord): Promise<void> {
  const path = join(folder, "cluster.json");
  await writeAtomically(path, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  await giveToOwnerOf(folder, path);
}

/** The connection of the environment's own role to its own database. */
export function applicationUrl(record: ClusterRecord): Secret {
  return urlOf(record, record.role, record.passwords.application, record.database);
}

/** The connection of the superuser; to the maintenance database unless told. */
export function superuserUrl(record: ClusterRecord, database = "postgres"): Secret {
  return urlOf(record, superuser, record.passwords.superuser, database);
}

/** Role and database of an environment, as names that need no quoting: `chat_staging` and `chat`. */
export function namesFor(application: string, slug: string): { role: string; database: string } {
  const role = identifier(`${application}_${slug}`);
  const database = identifier(application);
  const taken = new Set(["postgres", "template0", "template1"]);
  return { role, database: taken.has(database) ? `${database}_app` : database };
}

// 63 bytes is the limit of a name (NAMEDATALEN - 1), and roles that begin with pg_ are reserved.
function identifier(text: string): string {
  const plain = text.toLowerCase().replaceAll(/[^a-z0-9_]+/g, "_");
  const name = /^(pg_|[^a-z])/.test(plain) ? `app_${plain}` : plain;
  if (name.length <= 63) return name;
  return `${name.slice(0, 52)}_${createHash("sha256").update(text).digest("hex").slice(0, 10)}`;
}

function urlOf(record: ClusterRecord, role: string, password: string, database: string): Secret {
  return new Secret(`postgresql://${role}:${password}@127.0.0.1:${String(record.port)}/${database}`);
}
