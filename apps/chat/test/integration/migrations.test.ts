import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";

import { migrate, startPostgres, type TestPostgres } from "../postgres.ts";

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(() => postgres.remove());

/** Every column, index and constraint of the schema `public`, as text. */
async function describeSchema(): Promise<string[]> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  const { rows } = await client.query<{ line: string }>(`
    select concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default) as line
    from information_schema.columns where table_schema = 'public'
    union all select indexdef from pg_indexes where schemaname = 'public'
    union all select concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
    from pg_constraint where connamespace = 'public'::regnamespace
    order by 1
  `);
  await client.end();
  return rows.map(({ line }) => line);
}

test("every migration goes up, down without a trace, and up again to the same schema", async () => {
  await migrate(postgres.url, ["up", "1"]);
  const steps = [await describeSchema()];
  await migrate(postgres.url);
  const whole = await describeSchema();
  expect(whole.length).toBeGreaterThan(steps[0]?.length ?? 0);
  await migrate(postgres.url, ["down", "2"]);
  expect(await describeSchema()).toEqual(steps[0]);
  await migrate(postgres.url, ["down", "1"]);
  expect((await describeSchema()).filter((line) => !line.includes("pgmigrations"))).toEqual([]);
  await migrate(postgres.url);
  expect(await describeSchema()).toEqual(whole);
});
