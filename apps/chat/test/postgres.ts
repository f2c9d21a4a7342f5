import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { createLocalPostgres } from "../../../packages/fairlead/src/databases/index.ts";
import { testContext } from "../../../packages/fairlead/src/kernel/index.ts";

const run = promisify(execFile);
const ENVIRONMENT = "test";
const FOLDER_MODE = 0o755;

/** A Postgres server of one test run. */
export interface TestPostgres {
  url: string;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Stops it and deletes its data. */
  remove(): Promise<void>;
}

/** Starts a throw-away Postgres as Fairlead runs it for an environment, on a free port. */
export async function startPostgres(): Promise<TestPostgres> {
  const root = await mkdtemp(join(tmpdir(), "quayside-"));
  // The account that runs Postgres for root has to be able to go through it.
  await chmod(root, FOLDER_MODE);
  const context = testContext();
  const options = { root, application: "chat", systemDirectory: join(root, "system") };
  const postgres = createLocalPostgres(options);
  await postgres.provision(context, ENVIRONMENT);
  const { url } = await postgres.connection(context, ENVIRONMENT);
  return {
    url: url.reveal(),
    stop: () => postgres.lifecycle?.stop(context, ENVIRONMENT) ?? Promise.resolve(),
    start: async () => {
      await postgres.provision(context, ENVIRONMENT);
    },
    remove: async () => {
      await postgres.destroy(context, ENVIRONMENT);
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Runs node-pg-migrate as `npm run migrate` does; `argv` such as `["down", "1"]`. */
export async function migrate(url: string, argv: readonly string[] = ["up"]): Promise<string> {
  const application = join(import.meta.dirname, "..");
  const program = join(application, "../../node_modules/node-pg-migrate/bin/node-pg-migrate.js");
  const { stdout } = await run(process.execPath, [program, ...argv, "--migrations-dir", "migrations"], {
    cwd: application,
    env: { ...process.env, DATABASE_URL: url },
  });
  return stdout;
}

/** A port that nothing listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
