import { createHash } from "node:crypto";

import { catalogQueries } from "./catalog.ts";
import type { Query, TableName } from "./port.ts";

/**
 * Describes the schema as sorted lines, one per object: tables, columns, types, defaults, constraints,
 * indexes, views, functions, triggers, enums, domains, sequences, policies, rules, grants, extensions. Left
 * out: the schema `fairlead`, what extensions bring, the order of columns, and the tables named in `without`
 * with all that belongs to them. The query has to stay in one session: the search path is emptied meanwhile,
 * so that every name is written in full.
 */
export async function schemaDescription(
  query: Query,
  options: { without?: readonly TableName[] } = {},
): Promise<string[]> {
  // A tool's record may have a schema to itself.
  const without = new Set(
    (options.without ?? []).flatMap(({ schema, table }) => [schema, `${schema}.${table}`]),
  );
  const [previous] = await query<{ path: string }>("select current_setting('search_path') as path");
  await query("select set_config('search_path', '', false)");
  try {
    const lines: string[] = [];
    for (const sql of catalogQueries) {
      const rows = await query<{ line: string; owner: string | null }>(sql);
      lines.push(
        ...rows.filter((row) => row.owner === null || !without.has(row.owner)).map((row) => row.line),
      );
    }
    return lines.sort();
  } finally {
    await query("select set_config('search_path', $1, false)", [previous?.path ?? "public"]);
  }
}

/** SHA-256 (hex) of the schema's description. */
export async function schemaFingerprint(
  query: Query,
  options: { without?: readonly TableName[] } = {},
): Promise<string> {
  return fingerprintOf(await schemaDescription(query, options));
}

/** SHA-256 (hex) of a description. */
export function fingerprintOf(description: readonly string[]): string {
  return createHash("sha256").update(description.join("\n")).digest("hex");
}

/** What two descriptions do not share: lines that went and lines that came, as `- …` and `+ …`. */
export function schemaDifference(before: readonly string[], after: readonly string[]): string[] {
  const [old, now] = [new Set(before), new Set(after)];
  return [
    ...before.filter((line) => !now.has(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !old.has(line)).map((line) => `+ ${line}`),
  ];
}
