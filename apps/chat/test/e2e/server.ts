import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const application = join(import.meta.dirname, "../..");
const entry = join(application, ".next/standalone/apps/chat/server.js");
const START_TIMEOUT_MS = 20_000;
const END_TIMEOUT_MS = 10_000;

export interface TestServer {
  url: string;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Tells it to end, and gives its exit code once it has; fails after ten seconds. */
  terminate(): Promise<number | null>;
}

/** Builds the application unless it is built. */
export async function build(): Promise<void> {
  if (existsSync(entry)) return;
  await run("npm", ["run", "build"], { cwd: application });
}

/** Starts the built application as `npm start` does, and waits until it is healthy. */
export async function startServer(port: number, databaseUrl: string): Promise<TestServer> {
  const server = spawn(process.execPath, [entry], {
    cwd: application,
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      PORT: String(port),
      HOSTNAME: "127.0.0.1",
      DATABASE_URL: databaseUrl,
      SESSION_SECRET: "a secret that only the tests know of",
      LOG_LEVEL: "warn",
      RATE_LIMIT_SCALE: "100",
      FAIRLEAD_RELEASE: "release-under-test",
      FAIRLEAD_VERSION: "9.8.7",
      FAIRLEAD_COMMIT: "0123456789abcdef",
    },
  });
  const url = `http://127.0.0.1:${String(port)}`;
  await untilHealthy(url, server);
  return {
    url,
    terminate: async () => {
      const exited = once(server, "exit", { signal: AbortSignal.timeout(END_TIMEOUT_MS) });
      server.kill("SIGTERM");
      await exited;
      return server.exitCode;
    },
    kill: async () => {
      if (server.exitCode !== null || server.signalCode !== null) return;
      const exited = once(server, "exit");
      server.kill("SIGKILL");
      await exited;
    },
  };
}

async function untilHealthy(url: string, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (server.exitCode !== null)
      throw new Error(`the server ended with exit code ${String(server.exitCode)}`);
    const healthy = await fetch(`${url}/api/health`).then(
      (response) => response.ok,
      () => false,
    );
    if (healthy) return;
    await delay(100);
  }
  server.kill("SIGKILL");
  throw new Error(`the server was not healthy within ${String(START_TIMEOUT_MS)} ms`);
}
