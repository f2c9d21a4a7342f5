import { randomBytes } from "node:crypto";
import { chown, mkdir, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";

import { type Context, lastLines } from "../../kernel/index.ts";
import { type Account, makeFolder } from "./account.ts";
import { type Binaries, hasStatementStatistics } from "./binaries.ts";
import { type ClusterRecord, dataDirectory, namesFor, superuser, writeCluster } from "./cluster.ts";
import { startFailure } from "./failure.ts";
import { makePassword, passwordVerifier } from "./password.ts";
import { choosePort } from "./ports.ts";
import { writeSettings } from "./settings.ts";
import { literal, runStandalone } from "./standalone.ts";

export interface InitialiseRequest {
  application: string;
  environment: string;
  /** Path of the cluster's folder, which does not exist yet. */
  folder: string;
  account: Account | undefined;
  binaries: Binaries;
}

const initdbTimeoutMs = 5 * 60_000;

/**
 * Makes a new, stopped cluster with the environment's role and database.
 * Everything happens in a folder beside it that is renamed at the end: there is a whole cluster or none.
 */
export async function initialiseCluster(
  context: Context,
  request: InitialiseRequest,
): Promise<ClusterRecord> {
  const { account, binaries } = request;
  const parent = join(request.folder, "..");
  const temporary = join(parent, `.new-${randomBytes(6).toString("hex")}`);
  const slug = basename(parent);
  const record: ClusterRecord = {
    application: request.application,
    environment: request.environment,
    ...namesFor(request.application, slug),
    port: await choosePort(),
    passwords: { superuser: makePassword(), application: makePassword() },
    createdAt: new Date(context.clock.now()).toISOString(),
    binaries,
  };
  try {
    const data = dataDirectory(temporary);
    await makeFolder(temporary, 0o711);
    await mkdir(data, { mode: 0o700 });
    if (account !== undefined) await chown(data, account.uid, account.gid);
    await initdb(context, { data, account, binaries });
    await writeSettings(data, { statementStatistics: await hasStatementStatistics(binaries) });
    await runStandalone(context, { account, binaries, data, database: "postgres" }, creation(record));
    await writeCluster(temporary, record);
    await rename(temporary, request.folder);
    return record;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function initdb(
  context: Context,
  request: { data: string; account: Account | undefined; binaries: Binaries },
): Promise<void> {
  const { account, binaries, data } = request;
  const fixed = ["--no-instructions", `--username=${superuser}`, "--encoding=UTF8", "--auth=reject"];
  // From 17 on Postgres brings the locale itself; before, the C library has to know it, and not every one
  // does.
  const locales =
    binaries.major >= 17
      ? [["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]]
      : [["--locale=C.UTF-8"], ["--locale=C"]];
  let output = "";
  for (const locale of locales) {
    const argv = [join(binaries.directory, "initdb"), `--pgdata=${data}`, ...fixed, ...locale];
    const result = await context.exec(argv, {
      ...account,
      cwd: "/",
      env: { LC_ALL: "C", LANG: undefined },
      timeoutMs: initdbTimeoutMs,
    });
    if (result.code === 0) return;
    output = `${result.stdout}\n${result.stderr}`;
    if (!output.includes("invalid locale name")) break;
  }
  throw startFailure({
    what: "initdb cannot create the database",
    folder: data,
    lines: lastLines(output, 12),
  });
}

function creation(record: ClusterRecord): string[] {
  const { database, passwords, role } = record;
  return [
    `ALTER ROLE ${superuser} PASSWORD ${literal(passwordVerifier(passwords.superuser))}`,
    `CREATE ROLE ${role} LOGIN PASSWORD ${literal(passwordVerifier(passwords.application))}`,
    `CREATE DATABASE ${database} OWNER ${role}`,
    // The statistics cover every database of the cluster, so the application's own schema stays free of them.
    "DO $$ BEGIN IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_stat_statements') " +
      "THEN CREATE EXTENSION pg_stat_statements; END IF; END $$",
    `GRANT pg_read_all_stats TO ${role}`,
  ];
}
