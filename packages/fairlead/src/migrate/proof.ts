import { withClient } from "../databases/index.ts";
import { type Context, FairleadError } from "../kernel/index.ts";
import { migrateDown } from "./down.ts";
import { schemaDescription, schemaDifference } from "./fingerprint.ts";
import { atHome, withOnly } from "./place.ts";
import type { Migration } from "./port.ts";
import { callOf, type MigrationRequest, queryOver, type RunOptions } from "./request.ts";
import { emptyScratch } from "./scratch.ts";
import type { MigrationStatus } from "./status.ts";
import { applyPending, migrateUp, statusNow } from "./up.ts";

export interface ProofRequest extends MigrationRequest {
  /** Names of the migrations whose way back is to be proved: the newest ones of the files. */
  pending: readonly string[];
}

export interface ProofResult {
  proved: boolean;
  /** Why it is not proved, for people. */
  reason?: string;
  /** Schema lines that the way down leaves wrong, as `- …` and `+ …`. */
  difference?: string[];
}

/**
 * Proves by doing that migrations can be taken back: on the scratch database of the request, which is emptied
 * first, all older migrations run, then the pending ones up, down and up again; the schema has to be the same
 * each time. A tool that cannot stop in between is proved from the empty schema on, all migrations down.
 * Errors: `scratch-not-empty`, `database-unreachable`, `cancelled`; what the migrations do wrong is a value.
 */
export async function proveDown(
  context: Context,
  given: ProofRequest,
  options: RunOptions = {},
): Promise<ProofResult> {
  const request = atHome(given);
  const { pending, tool } = request;
  if (pending.length === 0) return { proved: true };
  if (tool.down === undefined) return { proved: false, reason: `${tool.name} has no way down` };
  const migrations = await tool.list(request);
  const irreversible = migrations.filter((one) => pending.includes(one.name) && !one.reversible);
  if (irreversible.length > 0) {
    const names = irreversible.map((one) => one.name).join(", ");
    return { proved: false, reason: `${names} ${irreversible.length === 1 ? "has" : "have"} no way down` };
  }
  await emptyScratch(request.databaseUrl);
  try {
    return await upDownUp(context, request, options);
  } catch (error) {
    if (!(error instanceof FairleadError) || !isFindingCode(error.code)) throw error;
    return { proved: false, reason: `on an empty database, ${error.message}` };
  }
}

async function upDownUp(context: Context, request: ProofRequest, options: RunOptions): Promise<ProofResult> {
  const older = (await statusNow(request)).pending.filter((one) => !request.pending.includes(one.name));
  const couldStop = older.length === 0 || (await applyOlder(context, request, older, options));
  const before = await describe(request);
  const { applied } = await migrateUp(context, request, options);
  const after = await describe(request);
  await migrateDown(context, request, applied.length, options);
  const back = schemaDifference(before, await describe(request));
  if (back.length > 0) return failed("the way down does not lead back to the schema from before", back);
  await migrateUp(context, request, options);
  const again = schemaDifference(after, await describe(request));
  if (again.length > 0) return failed("up, down and up again gives another schema than up alone", again);
  if (couldStop) return { proved: true };
  const reason = `${request.tool.name} cannot stop in between, so all migrations were taken back`;
  return { proved: true, reason };
}

/** Applies only the older migrations; false where the tool can't. */
async function applyOlder(
  context: Context,
  request: ProofRequest,
  older: readonly Migration[],
  options: RunOptions,
): Promise<boolean> {
  const { tool } = request;
  const names = older.map((one) => one.name);
  if (tool.upOnly !== undefined) {
    const commands = async () => (await tool.upOnly?.(callOf(request), names)) ?? [];
    const isDone = (status: MigrationStatus) => status.applied.length === names.length;
    await applyPending(context, request, commands, { ...options, isDone });
    return true;
  }
  if (tool.standaloneFiles !== true) return false;
  await withOnly(request, older, (place) => migrateUp(context, place, options));
  return true;
}

async function describe(request: MigrationRequest): Promise<string[]> {
  return withClient(request.databaseUrl, async (client) => {
    const query = queryOver(client);
    return schemaDescription(query, { without: await request.tool.ownTables(query, request) });
  });
}

function failed(reason: string, difference: string[]): ProofResult {
  const first = difference[0]?.split("\n")[0] ?? "";
  const more = difference.length > 1 ? ` and ${String(difference.length - 1)} more` : "";
  return { proved: false, reason: `${reason} (${first}${more})`, difference };
}

function isFindingCode(code: string): boolean {
  return ["migration-failed", "migration-down-failed", "migration-irreversible"].includes(code);
}
