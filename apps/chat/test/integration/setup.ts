import type { TestProject } from "vitest/node";

import { migrate, startPostgres } from "../postgres.ts";

declare module "vitest" {
  interface ProvidedContext {
    databaseUrl: string;
  }
}

/** One migrated Postgres for all integration tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startPostgres();
  await migrate(postgres.url);
  project.provide("databaseUrl", postgres.url);
  return () => postgres.remove();
}
