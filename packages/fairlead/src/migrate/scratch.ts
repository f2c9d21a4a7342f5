import { withClient } from "../databases/index.ts";
import { FairleadError, type Secret } from "../kernel/index.ts";
import { catalogSql } from "./catalog.ts";
import type { Query } from "./port.ts";
import { queryOver } from "./request.ts";

const marker = "fairlead_scratch";

/**
 * Empties a scratch database. Only a database that was found empty the first time is ever emptied: it then
 * gets the schema `fairlead_scratch` as a mark. Errors: `scratch-not-empty` for any other database that holds
 * something.
 */
export async function emptyScratch(databaseUrl: Secret): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    const query = queryOver(client);
    const marked = await hasSchema(query, marker);
    if (!marked && (await holdsSomething(query)))
      throw notEmpty(new URL(databaseUrl.reveal()).pathname.slice(1));
    await query("begin");
    await query(`create schema if not exists ${marker}`);
    const schemas = await query<{ name: string }>(
      catalogSql(`select quote_ident(n.nspname) as name from pg_namespace n
        where (SCHEMA_IS_OURS or n.nspname = 'fairlead') and NOT_OF_EXTENSION(n.oid, pg_namespace)`),
    );
    for (const { name } of schemas) await query(`drop schema ${name} cascade`);
    await query("create schema public");
    await query("grant usage on schema public to public");
    await query("commit");
  });
}

async function hasSchema(query: Query, name: string): Promise<boolean> {
  const rows = await query("select from pg_namespace where nspname = $1", [name]);
  return rows.length > 0;
}

async function holdsSomething(query: Query): Promise<boolean> {
  if (await hasSchema(query, "fairlead")) return true;
  const rows = await query(
    catalogSql(`select from pg_namespace n where SCHEMA_IS_OURS and (
       exists (select from pg_class c where c.relnamespace = n.oid and NOT_OF_EXTENSION(c.oid, pg_class))
       or exists (select from pg_proc p where p.pronamespace = n.oid and NOT_OF_EXTENSION(p.oid, pg_proc))
       or exists (select from pg_type t where t.typnamespace = n.oid and NOT_OF_EXTENSION(t.oid, pg_type)))
     limit 1`),
  );
  return rows.length > 0;
}

function notEmpty(database: string): FairleadError {
  return new FairleadError(
    "scratch-not-empty",
    `the database ${database} is no scratch database: it holds something`,
    {
      exit: "usage",
      hint: "Proofs run in an empty database of their own and delete what is in it; give them one.",
    },
  );
}
