import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { createLocalPostgres, withClient } from "../databases/index.ts";
import { type Context, type Secret, testContext } from "../kernel/index.ts";
import type { Query } from "./port.ts";
import { queryOver } from "./request.ts";

/** A real Postgres and a folder for an application, for tests. */
export interface MigrationFixture {
  context: Context;
  url: Secret;
  /** Absolute path of an empty application; each call makes a new one. */
  application(files: Record<string, string>): Promise<string>;
  query: Query;
  /** Leaves the database as it was in the beginning. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a Postgres of its own for a test file. */
export async function migrationFixture(): Promise<MigrationFixture> {
  const root = await mkdtemp(join(tmpdir(), "fairlead-migrate-"));
  // The account that runs Postgres for root has to be able to go through it.
  await chmod(root, 0o755);
  const context = testContext();
  const database = createLocalPostgres({ root, application: "shop", systemDirectory: join(root, "system") });
  await database.provision(context, "staging");
  const { url } = await database.connection(context, "staging");
  let count = 0;
  return {
    context,
    url,
    async application(files) {
      count += 1;
      const folder = join(root, `application-${String(count)}`);
      await writeFiles(folder, { "package.json": `{ "name": "shop" }`, ...files });
      return folder;
    },
    query: <Row extends object>(sql: string, values?: unknown[]) =>
      withClient(url, (client) => queryOver(client)<Row>(sql, values)),
    async reset() {
      await withClient(url, async (client) => {
        const { rows } = await client.query<{ name: string }>(
          `select quote_ident(nspname) as name from pg_namespace
            where nspname !~ '^pg_' and nspname <> 'information_schema'`,
        );
        for (const { name } of rows) await client.query(`drop schema ${name} cascade`);
        await client.query("create schema public");
      });
    },
    async close() {
      await database.destroy(context, "staging");
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Writes files below a folder. */
export async function writeFiles(folder: string, files: Record<string, string>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}
