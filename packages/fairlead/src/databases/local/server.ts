import { type ChildProcess, spawn } from "node:child_process";
import { copyFile, open, readFile, stat, truncate } from "node:fs/promises";
import { join } from "node:path";

import {
  codeOf,
  type Context,
  FairleadError,
  formatDuration,
  lastLines,
  messageOf,
  signalProcess,
  waitForExit,
} from "../../kernel/index.ts";
import { withClient } from "../client.ts";
import { type Account, giveToOwnerOf, ownerOf } from "./account.ts";
import { type Binaries, hasStatementStatistics } from "./binaries.ts";
import {
  type ClusterRecord,
  dataDirectory,
  logPath,
  readCluster,
  superuserUrl,
  writeCluster,
} from "./cluster.ts";
import { classifyFailure, startFailure } from "./failure.ts";
import { choosePort, isPortFree } from "./ports.ts";
import { clearRemains, findPostmaster, type Postmaster } from "./postmaster.ts";

export interface StartRequest {
  /** The cluster's folder. */
  folder: string;
  /** Finds binaries that fit the data. */
  binaries: (request: { account: Account | undefined; major: number }) => Promise<Binaries>;
  /** Further settings, `name=value`. */
  settings?: string[];
}

const logLimitBytes = 10 * 1024 * 1024;
const startAttempts = 5;
const acceptTimeoutMs = 60_000;
const probeIntervalMs = 40;
const recoveryTimeoutMs = 30 * 60_000;
const fastStopTimeoutMs = 30_000;
const immediateStopTimeoutMs = 10_000;

/**
 * Starts the cluster's server, unless it runs, and waits until it answers a query; under the cluster's lock.
 * A taken port is replaced for good. Errors: `database-start` with the log's last lines, `disk-full`,
 * `database-version`, `database-permission`.
 */
export async function startServer(context: Context, request: StartRequest): Promise<ClusterRecord> {
  const data = dataDirectory(request.folder);
  const record = await requireCluster(request.folder);
  await rotateLog(request.folder);
  const running = await findPostmaster(context, data);
  if (running !== undefined) return adopt(context, request.folder, record, running);

  const account = await ownerOf(data);
  const binaries = await request.binaries({ account, major: await majorOf(data) });
  let current: ClusterRecord = { ...record, binaries };
  let lines: string[] = [];
  for (let attempt = 1; attempt <= startAttempts; attempt += 1) {
    const starting = await clearRemains(context, data);
    if (starting !== undefined) return adopt(context, request.folder, current, starting);
    if (!(await isPortFree(current.port))) current = { ...current, port: await choosePort() };
    // Written before the start, so that after a crash of ours the record is never behind the server.
    await writeCluster(request.folder, current);
    const outcome = await launch(context, request, { account, binaries, record: current });
    if (outcome.ready) return current;
    lines = outcome.lines;
    const kind = classifyFailure(lines);
    if (kind !== "port-taken" && kind !== "in-use") break;
    await context.clock.sleep(attempt * 200, context.signal);
  }
  throw startFailure({ what: "Postgres does not start", folder: data, lines });
}

/** Stops the cluster's server: in order, then at once (which the next start recovers from); idempotent. */
export async function stopServer(context: Context, folder: string): Promise<void> {
  const running = await findPostmaster(context, dataDirectory(folder));
  if (running === undefined) return;
  const ways: [NodeJS.Signals, number][] = [
    ["SIGINT", fastStopTimeoutMs],
    ["SIGQUIT", immediateStopTimeoutMs],
    ["SIGKILL", immediateStopTimeoutMs],
  ];
  for (const [signal, timeoutMs] of ways) {
    signalProcess(running.identity, signal);
    if (await waitForExit(context.clock, running.identity, timeoutMs)) return;
  }
  throw new FairleadError(
    "database-stop",
    `Postgres (process ${String(running.identity.pid)}) does not stop`,
    {
      exit: "environment",
      hint: `It may belong to another user; end it with: kill -INT ${String(running.identity.pid)}`,
    },
  );
}

/** True when the server runs and answers a query. */
export async function answers(context: Context, folder: string, record: ClusterRecord): Promise<boolean> {
  const running = await findPostmaster(context, dataDirectory(folder));
  if (running?.port !== record.port) return false;
  return (await probe(record)).state === "ready";
}

/** The major version that a data directory was made with. */
export async function majorOf(data: string): Promise<number> {
  const text = await readFile(join(data, "PG_VERSION"), "utf8").catch(() => "");
  const major = Number.parseInt(text, 10);
  if (Number.isSafeInteger(major)) return major;
  throw new FairleadError("database-start", `${data} is no Postgres data directory`, {
    exit: "environment",
    hint: "Its files were removed or are unreadable; restore a copy, or delete the environment's database.",
  });
}

async function requireCluster(folder: string): Promise<ClusterRecord> {
  const record = await readCluster(folder);
  if (record === undefined) throw new Error(`${folder} holds no cluster`);
  return record;
}

// A server that somebody else started (or that we started before we were killed).
async function adopt(
  context: Context,
  folder: string,
  record: ClusterRecord,
  running: Postmaster,
): Promise<ClusterRecord> {
  const current =
    running.port === record.port || running.port === 0 ? record : { ...record, port: running.port };
  if (current !== record) await writeCluster(folder, current);
  const gone = () => findPostmaster(context, dataDirectory(folder)).then((found) => found === undefined);
  const outcome = await waitUntilReady(context, current, gone);
  if (outcome === "ready") return current;
  throw startFailure({
    what: `Postgres (process ${String(running.identity.pid)}) runs but does not answer (${outcome})`,
    folder: dataDirectory(folder),
    lines: await logLines(folder, 0),
  });
}

async function launch(
  context: Context,
  request: StartRequest,
  start: { account: Account | undefined; binaries: Binaries; record: ClusterRecord },
): Promise<{ ready: true } | { ready: false; lines: string[] }> {
  const { account, binaries, record } = start;
  const data = dataDirectory(request.folder);
  const settings = [
    "listen_addresses=127.0.0.1",
    // A socket's path would be too long in a deep project, and TCP serves everybody.
    "unix_socket_directories=",
    "logging_collector=off",
    ...((await hasStatementStatistics(binaries)) ? [] : ["shared_preload_libraries="]),
    ...(request.settings ?? []),
  ];
  const log = await open(logPath(request.folder), "a", 0o600);
  await giveToOwnerOf(request.folder, logPath(request.folder));
  const { size } = await log.stat();
  const child = spawn(
    join(binaries.directory, "postgres"),
    ["-D", data, "-p", String(record.port), ...settings.flatMap((setting) => ["-c", setting])],
    {
      cwd: "/",
      detached: true,
      env: serverEnvironment(context),
      stdio: ["ignore", log.fd, log.fd],
      ...account,
    },
  );
  const failure = watchExit(child);
  await log.close();
  child.unref();

  const outcome = await waitUntilReady(context, record, () => Promise.resolve(failure.message !== undefined));
  if (outcome === "ready") return { ready: true };
  if (failure.message === undefined && child.pid !== undefined) {
    // It neither came up nor went away: it must not stay behind half started.
    await stopServer(context, request.folder);
  }
  const lines = await logLines(request.folder, size);
  return { ready: false, lines: [...lines, failure.message ?? `gave up: ${outcome}`] };
}

function watchExit(child: ChildProcess): { message?: string } {
  const failure: { message?: string } = {};
  child.once("error", (error) => (failure.message = messageOf(error)));
  child.once("exit", (code, signal) => {
    failure.message = `postgres ended with ${signal ?? `code ${String(code)}`}`;
  });
  return failure;
}

// The server and whatever it loads get nothing of our environment, which may hold secrets.
function serverEnvironment(context: Context): NodeJS.ProcessEnv {
  const names = ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR"];
  const kept = names.flatMap((name) => (context.env[name] === undefined ? [] : [[name, context.env[name]]]));
  return { ...(Object.fromEntries(kept) as NodeJS.ProcessEnv), LC_ALL: "C", TZ: "UTC" };
}

// Gives `ready`, or what was the matter at the end.
async function waitUntilReady(
  context: Context,
  record: ClusterRecord,
  gone: () => Promise<boolean>,
): Promise<string> {
  const startedAt = context.clock.now();
  for (;;) {
    const { limitMs, state } = await probe(record);
    if (state === "ready") return state;
    if (await gone()) return "it ended";
    const waitedMs = context.clock.now() - startedAt;
    if (waitedMs >= limitMs) return `${state}, after ${formatDuration(waitedMs)}`;
    await context.clock.sleep(probeIntervalMs, context.signal);
  }
}

async function probe(record: ClusterRecord): Promise<{ state: string; limitMs: number }> {
  try {
    await withClient(superuserUrl(record), (client) => client.query("select 1"), { connectTimeoutMs: 5000 });
    return { state: "ready", limitMs: 0 };
  } catch (error) {
    const state = messageOf(error);
    const code = codeOf(error instanceof FairleadError ? error.cause : error);
    // too_many_connections: even those kept for the superuser are in use.
    if (code === "53300") return { state: "ready", limitMs: 0 };
    // cannot_connect_now: it starts, recovers or stops.
    if (code === "57P03") return { state, limitMs: recoveryTimeoutMs };
    // invalid_password: waiting does not help.
    return { state, limitMs: code === "28P01" ? 0 : acceptTimeoutMs };
  }
}

// The server appends to the file that it was given, so it can be emptied under it.
async function rotateLog(folder: string): Promise<void> {
  const path = logPath(folder);
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size <= logLimitBytes) return;
  await copyFile(path, `${path}.1`);
  await giveToOwnerOf(folder, `${path}.1`);
  await truncate(path);
}

async function logLines(folder: string, offset: number): Promise<string[]> {
  const text = await readFile(logPath(folder)).catch(() => Buffer.alloc(0));
  return lastLines(text.subarray(offset).toString("utf8"), 12);
}
