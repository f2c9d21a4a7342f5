import type { Query, TableName } from "./port.ts";

/** How a tool's record of applied migrations looks. */
export interface VersionTableShape {
  /** Exactly these columns. */
  columns: readonly string[];
  /** Names it has unless configured otherwise. */
  name: string;
  /** Named by the tool's configuration. */
  configured?: { table?: string; schema?: string };
  /** False when the columns alone say too little to recognise it under another name. */
  recognisable?: boolean;
}

/**
 * Finds the table by its columns: under the configured name, else the usual one, else the only table that
 * looks like it (its name may come from a configuration that only the tool can read).
 */
export async function findVersionTable(
  query: Query,
  shape: VersionTableShape,
): Promise<TableName | undefined> {
  const candidates = await query<TableName>(
    `select n.nspname as schema, c.relname as table
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and n.nspname <> 'fairlead'
        and (select array_agg(a.attname::text order by a.attname::text) from pg_attribute a
              where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) = $1::text[]
      order by n.nspname = 'public' desc, n.nspname, c.relname`,
    [[...shape.columns].sort()],
  );
  const { schema, table } = shape.configured ?? {};
  const inSchema = candidates.filter((candidate) => schema === undefined || candidate.schema === schema);
  const named = inSchema.find((candidate) => candidate.table === (table ?? shape.name));
  if (named !== undefined || table !== undefined || shape.recognisable === false) return named;
  return inSchema.length === 1 ? inSchema[0] : undefined;
}

/** The tables of a list that exist. */
export async function existingTables(query: Query, tables: readonly TableName[]): Promise<TableName[]> {
  return query<TableName>(
    `select n.nspname as schema, c.relname as table
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where (n.nspname || '.' || c.relname) = any($1::text[]) order by 1, 2`,
    [tables.map(({ schema, table }) => `${schema}.${table}`)],
  );
}

/** A table's name for SQL, quoted. */
export function quoteTable({ schema, table }: TableName): string {
  return [schema, table].map((name) => `"${name.replaceAll('"', '""')}"`).join(".");
}
