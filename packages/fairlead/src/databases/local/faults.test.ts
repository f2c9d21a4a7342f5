import { chown, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { identifyProcess, waitForExit } from "../../kernel/index.ts";
import { withClient } from "../client.ts";
import { type LocalFixture, localFixture } from "../fixture.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

describe("faults of a local Postgres", () => {
  let local: LocalFixture;
  let cluster: string;
  const servers: Server[] = [];
  const children: number[] = [];

  beforeAll(async () => {
    local = await localFixture();
    cluster = join(local.root, ".fairlead", "postgres", "staging", "cluster");
    await local.database.provision(local.context, "staging");
    await sql("create table kept (value int); insert into kept values (7)");
  });
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
    for (const pid of children.splice(0)) process.kill(pid, "SIGKILL");
  });
  afterAll(() => local.close());

  const sql = async (text: string) => {
    const { url } = await local.database.connection(local.context, "staging");
    return withClient(url, async (client) => (await client.query<Record<string, unknown>>(text)).rows);
  };
  const postmasterPid = async () =>
    Number((await readFile(join(cluster, "data", "postmaster.pid"), "utf8")).split("\n")[0]);
  const killServer = async () => {
    const identity = identifyProcess(await postmasterPid());
    if (identity === undefined) throw new Error("no server to kill");
    process.kill(identity.pid, "SIGKILL");
    await waitForExit(local.context.clock, identity, 5000);
    return identity.pid;
  };
  const expectKept = async () => {
    const state = await local.database.provision(local.context, "staging");
    expect(state).toMatchObject({ exists: true, running: true });
    expect(await sql("select value from kept")).toEqual([{ value: 7 }]);
  };

  it("starts again after SIGKILL of the server, with backends still busy", async () => {
    const { url } = await local.database.connection(local.context, "staging");
    // A loop that never waits, so that the backend does not notice by itself that its server is gone.
    const busy = withClient(url, (client) =>
      client.query("do $$ begin loop perform md5(random()::text); end loop; end $$"),
    );
    const ended = expect(busy).rejects.toThrow();
    const active =
      "select count(*)::int as active from pg_stat_activity where query like 'do $$ begin loop%'";
    while ((await sql(active))[0]?.["active"] !== 1) await local.context.clock.sleep(20);
    const pid = await killServer();
    await expectKept();
    await ended;
    expect(await postmasterPid()).not.toBe(pid);
  });

  it("starts over a stale pid file whose pid is another process of the same account now", async () => {
    await killServer();
    const path = join(cluster, "data", "postmaster.pid");
    const { gid, uid } = await stat(path);
    await new Promise<void>((resolve) => {
      const account = process.getuid?.() === 0 ? { uid, gid } : {};
      const onStart = (pid: number) => {
        children.push(pid);
        resolve();
      };
      void local.context.exec(["sleep", "300"], { ...account, cwd: "/", onStart }).catch(() => undefined);
    });
    const lines = (await readFile(path, "utf8")).split("\n");
    await writeFile(path, [String(children[0]), ...lines.slice(1)].join("\n"));
    await expectKept();
    expect(identifyProcess(children[0] ?? 0)).toBeDefined();
  });

  it("starts over an empty pid file", async () => {
    await killServer();
    await writeFile(join(cluster, "data", "postmaster.pid"), "");
    await expectKept();
  });

  it("leaves a running server alone, and adopts it when the record is behind", async () => {
    const pid = await postmasterPid();
    const path = join(cluster, "cluster.json");
    const record = JSON.parse(await readFile(path, "utf8")) as { port: number };
    const { gid, uid } = await stat(path);
    await writeFile(path, JSON.stringify({ ...record, port: 1 }));
    await chown(path, uid, gid);
    await expectKept();
    expect(await postmasterPid()).toBe(pid);
  });

  it("takes another port for good when its own is taken", async () => {
    const before = new URL((await local.database.connection(local.context, "staging")).url.reveal());
    await local.database.lifecycle?.stop(local.context, "staging");
    const server = createServer();
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(Number(before.port), "127.0.0.1", resolve));
    await expectKept();
    const after = new URL((await local.database.connection(local.context, "staging")).url.reveal());
    expect(after.port).not.toBe(before.port);
    expect(after.password).toBe(before.password);
    await local.database.lifecycle?.stop(local.context, "staging");
    await expectKept();
    expect(new URL((await local.database.connection(local.context, "staging")).url.reveal()).port).toBe(
      after.port,
    );
  });

  it("keeps the log bounded", async () => {
    const path = join(cluster, "server.log");
    await writeFile(path, "x".repeat(11 * 1024 * 1024), { flag: "a" });
    await local.database.lifecycle?.stop(local.context, "staging");
    await expectKept();
    expect((await stat(path)).size).toBeLessThan(1024 * 1024);
    expect((await stat(`${path}.1`)).size).toBeGreaterThan(10 * 1024 * 1024);
  });

  it("says with the log's last lines why the server does not start", async () => {
    await local.database.lifecycle?.stop(local.context, "staging");
    const path = join(cluster, "data", "postgresql.auto.conf");
    const settings = await readFile(path, "utf8");
    await writeFile(path, "shared_buffers = 'nonsense'\n");
    const failing = local.database.provision(local.context, "staging");
    await expect(failing).rejects.toMatchObject({
      code: "database-start",
      details: expect.arrayContaining([expect.stringContaining("shared_buffers") as string]) as string[],
    });
    await writeFile(path, settings);
    await expectKept();
  });

  it("makes one cluster when several processes and calls want it at once", async () => {
    const script = local.script(`
      await database.provision(context, "production");
      console.log((await database.connection(context, "production")).url.reveal());
      process.exit(0);`);
    const outcomes = await Promise.all([
      local.context.exec(script),
      local.context.exec(script),
      local.database.provision(local.context, "production"),
      local.database.provision(local.context, "production"),
    ]);
    const { url } = await local.database.connection(local.context, "production");
    expect(outcomes.slice(0, 2)).toMatchObject([{ code: 0 }, { code: 0 }]);
    // The output of exec() is redacted, so the sessions of both prove it instead.
    expect(await readdir(join(cluster, "..", "..", "production"))).toEqual(["cluster"]);
    await withClient(url, (client) => client.query("select 1"));
    await local.database.destroy(local.context, "production");
  });

  it("leaves no half cluster when it is killed while making one", async () => {
    const folder = join(cluster, "..", "..", "production");
    for (const delayMs of [150, 300, 450, 700]) {
      let pid = 0;
      const run = local.context.exec(local.script(`await database.provision(context, "production")`), {
        onStart: (started) => (pid = started),
      });
      await local.context.clock.sleep(delayMs);
      process.kill(pid, "SIGKILL");
      await run;
      const entries = await readdir(folder).catch((): string[] => []);
      if (entries.includes("cluster")) {
        expect(await readdir(join(folder, "cluster"))).toEqual(
          expect.arrayContaining(["cluster.json", "data"]),
        );
      }
    }
    await local.database.provision(local.context, "production");
    const { url } = await local.database.connection(local.context, "production");
    await withClient(url, (client) => client.query("create table usable (value int)"));
    expect(await readdir(folder)).toEqual(["cluster"]);
    await local.database.destroy(local.context, "production");
  });
});
