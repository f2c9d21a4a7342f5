import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, chmod, cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import pg from "pg";

import { createLocalPostgres } from "../../packages/fairlead/src/databases/index.ts";
import { testContext } from "../../packages/fairlead/src/kernel/index.ts";

const repository = fileURLToPath(new URL("../../", import.meta.url));
const program = join(repository, "packages/fairlead/bin/fairlead.js");
const run = promisify(execFile);

export interface CliResult {
  code: number;
  stdout: string;
  stderr: string;
  durationMs: number;
  /** The `data` of the JSON document on stdout. */
  data: unknown;
  error?: { code: string; message: string; hint?: string; details: string[] };
}

/** A throw-away repository with a small application, used through the command line as a person would. */
export interface Project {
  root: string;
  port: number;
  address: string;
  /** Runs `fairlead … --json` to its end. */
  cli(...args: string[]): Promise<CliResult>;
  /** Starts `fairlead …` and leaves it running. */
  start(...args: string[]): ChildProcess;
  /** Changes the application and commits it. */
  change(options: { behaviour?: string; revision?: number; files?: Record<string, string> }): Promise<void>;
  git(...args: string[]): Promise<string>;
  readConfig(): Promise<string>;
  writeConfig(text: string): Promise<void>;
  writeFile(path: string, text: string): Promise<void>;
  /** The revision that a new connection is answered by. */
  revision(): Promise<number>;
  /** Runs SQL on the production database. */
  sql(text: string): Promise<Record<string, unknown>[]>;
  /** Ends the production database with SIGKILL and keeps it from starting again, until it is mended. */
  breakDatabase(): Promise<void>;
  mendDatabase(): Promise<void>;
  /** Stops everything and deletes the folder. */
  remove(): Promise<void>;
}

export interface ProjectOptions {
  /** Merged into the config as literal text: `instances: 2`, … */
  environment?: string;
  /** How long a deployment may take to become healthy; 20 unless told. */
  healthSeconds?: number;
  watch?: string;
}

/** Makes a project of `test/apps/board` with its dependencies, as a repository with one commit. */
export async function createProject(options: ProjectOptions = {}): Promise<Project> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "fairlead-system-")));
  // As an ordinary folder is, so that the database's account can go through it.
  await chmod(root, 0o755);
  const port = await freePort();
  await cp(join(repository, "test/apps/board"), root, { recursive: true });
  await copyPackages(["pg", "node-pg-migrate"], join(root, "node_modules"));
  await writeFile(join(root, ".gitignore"), "node_modules/\n.fairlead/\n");
  await writeFile(join(root, "fairlead.config.ts"), configText(port, options));
  const git = async (...args: string[]) => {
    const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.test"];
    return (await run("git", [...identity, ...args], { cwd: root })).stdout;
  };
  await git("init", "-q", "-b", "main");
  await git("add", "-A");
  await git("commit", "-qm", "feat: the board");
  const project: Project = {
    root,
    port,
    address: `http://127.0.0.1:${String(port)}`,
    cli: (...args) => runCli(root, args),
    start: (...args) => spawn(process.execPath, [program, ...args], { cwd: root, stdio: "pipe" }),
    async change({ behaviour = "good", revision = 1, files = {} }) {
      const text = `export const behaviour = ${JSON.stringify(behaviour)};\nexport const revision = ${String(revision)};\n`;
      await writeFile(join(root, "behaviour.js"), text);
      for (const [path, content] of Object.entries(files)) {
        await mkdir(join(root, path, ".."), { recursive: true });
        await writeFile(join(root, path), content);
      }
      await git("add", "-A");
      await git("commit", "-qm", `feat: revision ${String(revision)}, ${behaviour}`, "--allow-empty");
    },
    git,
    readConfig: () => readFile(join(root, "fairlead.config.ts"), "utf8"),
    writeConfig: (text) => writeFile(join(root, "fairlead.config.ts"), text),
    writeFile: (path, text) => writeFile(join(root, path), text),
    revision: () => askRevision(`http://127.0.0.1:${String(port)}/work`),
    sql: (text) => runSql(root, text),
    async breakDatabase() {
      await appendFile(settingsPath(root), "no_such_setting = 1\n");
      process.kill(await postmasterPid(root), "SIGKILL");
    },
    async mendDatabase() {
      const text = await readFile(settingsPath(root), "utf8");
      await writeFile(settingsPath(root), text.replace("no_such_setting = 1\n", ""));
    },
    async remove() {
      await runCli(root, ["down"]);
      await rm(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return project;
}

// A kept connection would be answered once more by the release that it was opened to.
async function askRevision(url: string): Promise<number> {
  const [response] = (await once(get(url, { agent: false }), "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += String(chunk);
  return (JSON.parse(text) as { revision: number }).revision;
}

function clusterPath(root: string): string {
  return join(root, ".fairlead/postgres/production/cluster");
}

function settingsPath(root: string): string {
  return join(clusterPath(root), "data/postgresql.auto.conf");
}

/** The pid of the production database's postmaster. */
export async function postmasterPid(root: string): Promise<number> {
  const text = await readFile(join(clusterPath(root), "data/postmaster.pid"), "utf8");
  return Number(text.split("\n")[0]);
}

async function runSql(root: string, text: string): Promise<Record<string, unknown>[]> {
  const database = createLocalPostgres({ root, application: "board" });
  const { url } = await database.connection(testContext({ cwd: root }), "production");
  const client = new pg.Client({ connectionString: url.reveal() });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

function configText(port: number, options: ProjectOptions): string {
  return `export default {
  application: "board",
  drainSeconds: 3,
  health: { path: "/health", timeoutSeconds: ${String(options.healthSeconds ?? 20)} },
  watch: ${options.watch ?? "{ seconds: 2, minimumRequests: 20 }"},
  environments: { production: { port: ${String(port)}, ${options.environment ?? ""} } },
};
`;
}

async function runCli(cwd: string, args: readonly string[]): Promise<CliResult> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [program, ...args, "--json"], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text.stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text.stderr += chunk));
  const code = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => {
      resolve(exitCode ?? 137);
    });
  });
  const durationMs = performance.now() - startedAt;
  const document = parseDocument(text.stdout);
  return {
    code,
    ...text,
    durationMs,
    data: document.data,
    ...(document.error ? { error: document.error } : {}),
  };
}

function parseDocument(text: string): { data?: unknown; error?: NonNullable<CliResult["error"]> } {
  try {
    return JSON.parse(text) as { data: unknown; error?: NonNullable<CliResult["error"]> };
  } catch {
    return {};
  }
}

/** Copies packages with what they depend on, flat as npm lays them out. */
async function copyPackages(names: readonly string[], target: string): Promise<void> {
  const wanted = [...names];
  const seen = new Set<string>();
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const source = join(repository, "node_modules", name);
    const text = await readFile(join(source, "package.json"), "utf8").catch(() => undefined);
    if (text === undefined) continue;
    await cp(source, join(target, name), { recursive: true });
    const { dependencies = {} } = JSON.parse(text) as { dependencies?: Record<string, string> };
    wanted.push(...Object.keys(dependencies));
  }
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
