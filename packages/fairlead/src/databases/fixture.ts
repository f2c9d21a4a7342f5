import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { type Context, testContext } from "../kernel/index.ts";
import { createLocalPostgres, type LocalPostgresOptions } from "./local.ts";
import type { Database } from "./port.ts";

export interface LocalFixture {
  root: string;
  context: Context;
  options: LocalPostgresOptions;
  database: Database;
  /** Source of a module for a process of its own, with `database`, `context` and `withClient` defined. */
  script: (body: string) => string[];
  /** Stops and deletes everything. */
  close: () => Promise<void>;
}

/** A project in a temporary folder with a local Postgres, for tests. */
export async function localFixture(options: Partial<LocalPostgresOptions> = {}): Promise<LocalFixture> {
  const root = options.root ?? (await mkdtemp(join(tmpdir(), "fairlead-databases-")));
  await mkdir(root, { recursive: true });
  // The account that runs Postgres for root has to be able to go through it.
  if (options.root === undefined) await chmod(root, 0o755);
  const context = testContext();
  const whole = { application: "chat", systemDirectory: join(root, "system"), ...options, root };
  const database = createLocalPostgres(whole);
  const here = dirname(fileURLToPath(import.meta.url));
  const script = (body: string) => [
    process.execPath,
    "--input-type=module",
    "--eval",
    `import { createLocalPostgres, withClient } from ${JSON.stringify(join(here, "index.ts"))};
     import { testContext } from ${JSON.stringify(join(here, "../kernel/index.ts"))};
     const context = testContext();
     const database = createLocalPostgres(${JSON.stringify(whole)});
     ${body}`,
  ];
  return {
    root,
    context,
    options: whole,
    database,
    script,
    async close() {
      for (const environment of ["production", "staging"]) await database.destroy(context, environment);
      await rm(root, { recursive: true, force: true });
    },
  };
}
