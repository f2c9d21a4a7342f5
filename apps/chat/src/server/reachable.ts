import { sql } from "kysely";

import { database } from "./database.ts";
import { isDatabaseUnavailable } from "./unavailable.ts";

/** Asks the database anything, with the patience that every query has. */
export async function isDatabaseReachable(): Promise<boolean> {
  try {
    await sql`select 1`.execute(database());
    return true;
  } catch (error) {
    if (isDatabaseUnavailable(error)) return false;
    throw error;
  }
}
