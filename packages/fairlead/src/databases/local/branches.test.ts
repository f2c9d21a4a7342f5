import { readdir, readFile, truncate } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { Secret } from "../../kernel/index.ts";
import { withClient } from "../client.ts";
import { type LocalFixture, localFixture } from "../fixture.ts";
import type { DatabaseBranches } from "../port.ts";
import { segmentNames, treatLiveFile } from "./backup.ts";
import { readCluster, superuserUrl } from "./cluster.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

describe("copies of a local Postgres", () => {
  let local: LocalFixture;
  let branches: DatabaseBranches;
  let url: Secret;
  const query = (at: Secret, text: string) =>
    withClient(at, async (client) => (await client.query<Record<string, unknown>>(text)).rows);

  beforeAll(async () => {
    local = await localFixture();
    await local.database.provision(local.context, "staging");
    ({ url } = await local.database.connection(local.context, "staging"));
    if (local.database.branches === undefined) throw new Error("the adapter has no branches");
    branches = local.database.branches;
    await query(
      url,
      `create schema fairlead;
       create table fairlead.identity (application text, environment text, fence bigint);
       insert into fairlead.identity values ('chat', 'staging', 41);
       create table accounts (side text, id int, balance bigint, filler text, primary key (side, id));
       insert into accounts select side, id, 1000, repeat('x', 200)
         from unnest(array['left', 'right']) side, generate_series(1, 20000) id;
       create table written (writer int, number int, primary key (writer, number))`,
    );
  });
  afterAll(() => local.close());

  it("are whole under load: every commit from before, nothing half, tables coming and going", async () => {
    const writing = { on: true, committed: [0, 0, 0, 0] };
    const writers = writing.committed.map((_, writer) =>
      withClient(url, async (client) => {
        for (let number = 1; writing.on; number += 1) {
          const id = String(1 + ((number * 7919 + writer * 4999) % 20000));
          await client.query(
            `begin; update accounts set balance = balance - 5 where side = 'left' and id = ${id};
             insert into written values (${String(writer)}, ${String(number)});
             update accounts set balance = balance + 5 where side = 'right' and id = ${id}; commit`,
          );
          writing.committed[writer] = number;
        }
      }),
    );
    const churn = withClient(url, async (client) => {
      while (writing.on) {
        await client.query("create table brief as select id, filler from accounts limit 5000");
        await client.query("delete from brief where id > 10; vacuum brief").catch(() => undefined);
        await client.query("truncate brief");
        await client.query("drop table brief");
      }
    });
    // A checkpoint moves the place from which a crash is recovered; a copy has to begin at its own.
    const record = await readCluster(join(local.root, ".fairlead", "postgres", "staging", "cluster"));
    if (record === undefined) throw new Error("no cluster");
    const checkpoints = withClient(superuserUrl(record), async (client) => {
      while (writing.on) await client.query("checkpoint");
    });
    await local.context.clock.sleep(300);

    const before = [...writing.committed];
    await local.database.branch(local.context, "staging", "loaded");
    const after = [...writing.committed];
    writing.on = false;
    await Promise.all([...writers, churn, checkpoints]);
    expect(after.every((number, writer) => number > (before[writer] ?? 0))).toBe(true);

    const opened = await branches.open(local.context, "staging", "loaded");
    const sums = "select sum(balance)::int as total, count(*)::int as count from accounts";
    expect(await query(opened.url, sums)).toEqual([{ total: 40_000_000, count: 40_000 }]);
    const moved = await query(
      opened.url,
      `select (select count(*)::int from written) as written,
              (select sum(1000 - balance)::int / 5 from accounts where side = 'left') as left,
              (select sum(balance - 1000)::int / 5 from accounts where side = 'right') as right`,
    );
    expect(new Set(Object.values(moved[0] ?? {})).size).toBe(1);
    const series = await query(
      opened.url,
      "select writer, count(*)::int, max(number) from written group by writer order by writer",
    );
    series.forEach(({ count, max }, writer) => {
      expect(count).toBe(max);
      expect(max).toBeGreaterThanOrEqual(before[writer] ?? 0);
      expect(max).toBeLessThanOrEqual((writing.committed[writer] ?? 0) + 1);
    });
    expect(series).toHaveLength(4);
    // Every row is found through the index as well, so index and table agree.
    const byIndex = `set enable_seqscan = off; set enable_bitmapscan = off;
      select sum(balance)::int as total from accounts where side in ('left', 'right') and id > 0`;
    const results = await withClient(opened.url, (client) => client.query(byIndex));
    expect((results as unknown as { rows: unknown[] }[]).at(-1)?.rows).toEqual([{ total: 40_000_000 }]);
    await branches.close(local.context, "staging", "loaded");
  });

  it("are databases of their own: other password, other name, fence raised, source untouched", async () => {
    await local.database.branch(local.context, "staging", "own");
    const opened = await branches.open(local.context, "staging", "own");
    const [theirs, ours] = [new URL(opened.url.reveal()), new URL(url.reveal())];
    expect(theirs.username).toBe(ours.username);
    expect(theirs.password).not.toBe(ours.password);
    expect(theirs.port).not.toBe(ours.port);
    const identity = "select application, environment, fence::int from fairlead.identity";
    expect(await query(opened.url, identity)).toEqual([
      { application: "chat", environment: "staging@own", fence: 1041 },
    ]);
    expect(await query(url, identity)).toEqual([{ application: "chat", environment: "staging", fence: 41 }]);

    const withOurs = new URL(theirs);
    withOurs.password = ours.password;
    await expect(query(new Secret(withOurs.href), "select 1")).rejects.toMatchObject({
      code: "database-unreachable",
    });
    await query(opened.url, "drop table accounts");
    expect(await query(url, "select count(*)::int from accounts")).toEqual([{ count: 40_000 }]);
  });

  it("come back as they were made, with the fence above every other, and can be taken back", async () => {
    await query(url, "create table later (value int); update fairlead.identity set fence = 5000");
    await branches.restore(local.context, "staging", "own");
    const restored = await local.database.connection(local.context, "staging");
    expect(restored.url.reveal()).toBe(url.reveal());
    expect(await query(url, "select environment, fence::int from fairlead.identity")).toEqual([
      { environment: "staging", fence: 6000 },
    ]);
    expect(await query(url, "select count(*)::int from accounts")).toEqual([{ count: 40_000 }]);
    expect(await query(url, "select to_regclass('later') as later")).toEqual([{ later: null }]);

    const aside = (await branches.list(local.context, "staging")).find(
      ({ method }) => method === "set aside",
    );
    expect(aside?.name).toMatch(/^before-restore-/);
    await branches.restore(local.context, "staging", aside?.name ?? "");
    expect(await query(url, "select to_regclass('later') as later")).toEqual([{ later: "later" }]);
    expect(await query(url, "select fence::int from fairlead.identity")).toEqual([{ fence: 7000 }]);
  });

  it("are never listed half, and a restore is before or after, wherever the run is killed", async () => {
    await query(url, "create table state (name text); insert into state values ('after-copy')");
    const folder = join(local.root, ".fairlead", "postgres", "staging");
    const kill = async (body: string, delayMs: number) => {
      let pid = 0;
      const run = local.context.exec(local.script(`await ${body}; process.exit(0);`), {
        onStart: (started) => (pid = started),
      });
      await local.context.clock.sleep(delayMs);
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It was done before.
      }
      await run;
    };
    for (const delayMs of [350, 600]) {
      await kill(`database.branch(context, "staging", "killed")`, delayMs);
      for (const branch of await branches.list(local.context, "staging")) {
        const files = await readdir(join(folder, "branches", branch.name, "data"));
        expect(files).toEqual(expect.arrayContaining(["PG_VERSION", "global", "base", "pg_wal"]));
      }
    }
    const outcomes: string[] = [];
    for (const delayMs of [400, 900, 1200, 1500]) {
      await kill(`database.branches.restore(context, "staging", "own")`, delayMs);
      await local.database.provision(local.context, "staging");
      const [row] = await query(
        url,
        "select to_regclass('state') as state, (select count(*) from accounts)::int",
      );
      expect(row?.["count"]).toBe(40_000);
      outcomes.push(row?.["state"] === null ? "restored" : "as before");
    }
    // Once restored it stays so: a killed run never brings the other state back.
    expect(outcomes).toEqual([...outcomes].sort());
  });

  it("finish a restore that was killed between moving the old away and the new in", async () => {
    await local.database.branch(local.context, "staging", "base");
    await query(url, "create table gone (value int)");
    const script = local.script(`
      const { syncBuiltinESMExports } = await import("node:module");
      const fs = (await import("node:fs")).promises;
      const { rename } = fs;
      fs.rename = async (from, to) => {
        if (from.includes(".restore-") && to.endsWith("cluster")) process.kill(process.pid, "SIGKILL");
        return rename(from, to);
      };
      syncBuiltinESMExports();
      await database.branches.restore(context, "staging", "base");`);
    expect((await local.context.exec(script)).code).toBe(137);
    const folder = join(local.root, ".fairlead", "postgres", "staging");
    expect(await readdir(folder)).not.toContain("cluster");

    await local.database.provision(local.context, "staging");
    expect(await query(url, "select to_regclass('gone') as gone")).toEqual([{ gone: null }]);
    expect(await readdir(folder)).not.toContain("restore.json");
  });

  it("say what is wrong with a broken copy, and leave the database as it is", async () => {
    const folder = join(local.root, ".fairlead", "postgres", "staging", "branches", "base", "data");
    await truncate(join(folder, "global", "pg_control"), 10);
    await expect(branches.restore(local.context, "staging", "base")).rejects.toMatchObject({
      code: "database-start",
    });
    expect(await local.database.observe(local.context, "staging")).toMatchObject({ running: true });
    expect(await readFile(join(folder, "PG_VERSION"), "utf8")).toMatch(/^\d+/);
  });
});

describe("the parts of a physical copy", () => {
  it("names the log segments across the edge of a high part, for any segment size", () => {
    const size = 16 * 1024 * 1024;
    expect(segmentNames("0000000100000000000000FE", "000000010000000100000000", size)).toEqual([
      "0000000100000000000000FE",
      "0000000100000000000000FF",
      "000000010000000100000000",
    ]);
    expect(segmentNames("000000020000000A00000003", "000000020000000A00000003", size)).toEqual([
      "000000020000000A00000003",
    ]);
    expect(segmentNames("000000010000000000000003", "000000010000000100000000", size * 64)).toEqual([
      "000000010000000000000003",
      "000000010000000100000000",
    ]);
  });

  it("leaves out what belongs to the running server alone", () => {
    const paths = [
      "postmaster.pid",
      "pg_wal",
      "base/5/pg_internal.init",
      "base/pgsql_tmp",
      "global/pg_control",
    ];
    expect(paths.map(treatLiveFile)).toEqual(["skip", "empty", "skip", "skip", "skip"]);
    expect(["base/5/1259", "pg_xact/0000", "PG_VERSION", "base/pg_wal"].map(treatLiveFile)).toEqual([
      "copy",
      "copy",
      "copy",
      "copy",
    ]);
  });
});
