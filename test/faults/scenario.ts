import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Project } from "../system/project.ts";

/** The part of `fairlead status --json` that the fault tests look at. */
export interface Status {
  environment: string;
  view: {
    active?: string;
    previous?: string;
    deployments: {
      id: string;
      state: string;
      release: { id: string };
      instances: { pid: number; state: string }[];
    }[];
  };
  recovery?: { state: string };
  attention?: string;
  problem?: string;
}

export interface Observation {
  status: Status;
  /** Names of the migrations that the database has. */
  applied: string[];
}

const steps = [
  "build",
  "rehearse",
  "approve",
  "mark",
  "migrate",
  "start",
  "smoke",
  "switch",
  "watch",
  "settle",
];

/** Every point that a deploy journals on its way. */
export const journalledPoints = [
  ...steps.flatMap((step) => [`${step}:intent`, `${step}:done`]),
  "migrate:event",
  "switch:event",
];

/**
 * Commits a release with a migration of its own that takes about half a second; gives the migration's name. Migrations of
 * earlier changes that the database does not have are dropped.
 */
export async function prepareChange(
  project: Project,
  revision: number,
  applied?: readonly string[],
): Promise<string> {
  if (applied !== undefined) {
    for (const file of await readdir(join(project.root, "migrations"))) {
      if (!applied.includes(file.replace(/\.sql$/, ""))) await rm(join(project.root, "migrations", file));
    }
  }
  const name = `19${String(revision).padStart(11, "0")}_revision`;
  const table = `revision_${String(revision)}`;
  await project.change({
    revision,
    files: {
      [`migrations/${name}.sql`]:
        `-- Up Migration\ncreate table ${table} (id int);\nselect pg_sleep(0.5);\n` +
        `-- Down Migration\ndrop table ${table};\n`,
    },
  });
  return name;
}

/** Runs a deploy that meets its fault at a point; gives the exit code, `null` when it was killed. */
export async function deployWithFault(
  project: Project,
  fault: "kill" | "interrupt",
  point: string,
): Promise<number | null> {
  const script = fileURLToPath(new URL("deployer.ts", import.meta.url));
  const child = spawn(process.execPath, [script, fault, point, "deploy", "production", "--yes"], {
    cwd: project.root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code] = (await once(child, "exit")) as [number | null];
  return code;
}

/** What a person sees afterwards; `status` is also what takes up an interrupted deploy. */
export async function observe(project: Project): Promise<Observation> {
  const result = await project.cli("status", "production");
  const database = await project.cli("db", "status", "production");
  const [status] = (result.data ?? []) as Status[];
  if (status === undefined) throw new Error(`no status: ${result.stdout}${result.stderr}`);
  const { migrations } = database.data as { migrations: { applied: { name: string }[] } };
  return { status, applied: migrations.applied.map((migration) => migration.name) };
}
