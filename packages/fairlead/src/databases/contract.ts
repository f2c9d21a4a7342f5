import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Context, testContext } from "../kernel/index.ts";
import { withClient } from "./client.ts";
import type { Database } from "./port.ts";

export interface DatabaseFixture {
  database: Database;
  /** Two environments with databases of their own. */
  environments: [string, string];
  close: () => Promise<void>;
}

/** What every adapter of the port `Database` has to do; `branches` and `lifecycle` where it has them. */
export function databaseContract(name: string, makeFixture: () => Promise<DatabaseFixture>): void {
  describe(`database contract: ${name}`, () => {
    const context = testContext();
    let fixture: DatabaseFixture;
    let database: Database;
    let first: string;
    let second: string;

    beforeAll(async () => {
      fixture = await makeFixture();
      database = fixture.database;
      [first, second] = fixture.environments;
      await database.provision(context, first);
    });
    afterAll(() => fixture.close());

    const run = (environment: string, sql: string) => runSql(context, database, environment, sql);

    it("finds nothing that stands in its way", async () => {
      expect(await database.check(context)).toEqual([]);
    });

    it("shows a provisioned database", async () => {
      const state = await database.observe(context, first);
      expect(state).toMatchObject({ environment: first, exists: true, running: true });
      expect(state.version).toMatch(/^\d+\.\d+/);
      expect(state.sizeBytes).toBeGreaterThan(1_000_000);
    });

    it("keeps rows and connection when it is provisioned again", async () => {
      await run(first, "create table kept (value int); insert into kept values (7)");
      const before = await database.connection(context, first);
      await database.provision(context, first);
      const after = await database.connection(context, first);
      expect(after.url.reveal()).toBe(before.url.reveal());
      expect(await run(first, "select value from kept")).toEqual([{ value: 7 }]);
    });

    it("gives a role that owns its database and is no superuser", async () => {
      await run(first, "create schema fairlead");
      expect(await run(first, "select usesuper from pg_user where usename = current_user")).toEqual([
        { usesuper: false },
      ]);
    });

    it("does not show the connection's password", async () => {
      const { url } = await database.connection(context, first);
      const { password } = new URL(url.reveal());
      expect(password.length).toBeGreaterThan(5);
      const shown = JSON.stringify([{ url }, await database.observe(context, first)]) + String(url);
      expect(shown).not.toContain(password);
    });

    it("keeps the environments apart", async () => {
      await database.provision(context, second);
      await expect(run(second, "select value from kept")).rejects.toThrow(/does not exist/);
      const theirs = new URL((await database.connection(context, second)).url.reveal());
      const ours = new URL((await database.connection(context, first)).url.reveal());
      expect(theirs.password).not.toBe(ours.password);
    });

    it("has copies, or says that it has none", async () => {
      const { branches } = database;
      if (branches === undefined) {
        await expect(database.branch(context, first, "copy")).rejects.toMatchObject({
          code: "branch-unsupported",
        });
        return;
      }
      const branch = await database.branch(context, first, "copy");
      expect(branch).toMatchObject({ name: "copy", environment: first });
      await run(first, "update kept set value = 8");
      expect(await database.branch(context, first, "copy")).toEqual(branch);
      expect(await branches.list(context, first)).toEqual([branch]);

      const opened = await branches.open(context, first, "copy");
      const again = await branches.open(context, first, "copy");
      expect(again.url.reveal()).toBe(opened.url.reveal());
      expect(await query(opened.url, "select value from kept")).toEqual([{ value: 7 }]);
      await query(opened.url, "update kept set value = 9");
      await branches.close(context, first, "copy");
      await branches.close(context, first, "copy");
      await expect(query(opened.url, "select 1")).rejects.toMatchObject({ code: "database-unreachable" });

      await branches.restore(context, first, "copy");
      expect(await run(first, "select value from kept")).toEqual([{ value: 7 }]);
      await branches.delete(context, first, "copy");
      await branches.delete(context, first, "copy");
      expect((await branches.list(context, first)).map((listed) => listed.name)).not.toContain("copy");
      await expect(branches.open(context, first, "copy")).rejects.toMatchObject({ code: "branch-missing" });
    });

    it("stops and starts with its rows, where it can be stopped", async () => {
      if (database.lifecycle === undefined) return;
      await database.lifecycle.stop(context, first);
      await database.lifecycle.stop(context, first);
      expect(await database.observe(context, first)).toMatchObject({ exists: true, running: false });
      await database.provision(context, first);
      expect(await run(first, "select value from kept")).toEqual([{ value: 7 }]);
    });

    it("deletes what is its own, or refuses", async () => {
      if (database.lifecycle === undefined) {
        await expect(database.destroy(context, second)).rejects.toMatchObject({ code: "database-external" });
        return;
      }
      await database.destroy(context, second);
      await database.destroy(context, second);
      expect(await database.observe(context, second)).toMatchObject({ exists: false, running: false });
      await expect(database.connection(context, second)).rejects.toMatchObject({ code: "database-missing" });
    });
  });
}

async function runSql(context: Context, database: Database, environment: string, sql: string) {
  return query((await database.connection(context, environment)).url, sql);
}

async function query(url: Parameters<typeof withClient>[0], sql: string): Promise<unknown[]> {
  return withClient(url, async (client) => {
    const result = await client.query<Record<string, unknown>>(sql);
    return result.rows;
  });
}
