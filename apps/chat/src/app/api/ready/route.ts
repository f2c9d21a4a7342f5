import { readyResponse } from "@fairlead/runtime";

import { databaseCheck, schemaCheck } from "../../../server/readiness.ts";
import { currentRelease } from "../../../server/release.ts";

export const dynamic = "force-dynamic";

const TIMEOUT_MS = 2000;

/** Readiness: the database is reachable and has the schema that this release needs. */
export function GET(): Promise<Response> {
  const checks = { database: databaseCheck, schema: schemaCheck };
  return readyResponse(currentRelease(), checks, { timeoutMs: TIMEOUT_MS });
}
