import { chmod, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it, vi } from "vitest";

import { testContext } from "../../kernel/index.ts";
import { withClient } from "../client.ts";
import { localFixture } from "../fixture.ts";
import { isRoot } from "./account.ts";

vi.setConfig({ testTimeout: 180_000 });

describe("the account that runs Postgres", () => {
  it.runIf(isRoot())("is another one for root, owns the data, and nobody else may use it", async () => {
    const local = await localFixture();
    try {
      await local.database.provision(local.context, "staging");
      const cluster = join(local.root, ".fairlead", "postgres", "staging", "cluster");
      const { uid } = await stat(join(cluster, "data"));
      expect(uid).not.toBe(0);
      const pid = (await readFile(join(cluster, "data", "postmaster.pid"), "utf8")).split("\n")[0] ?? "";
      expect((await stat(`/proc/${pid}`)).uid).toBe(uid);

      const script = local.script(`
        const error = await database.provision(context, "staging").catch((thrown) => thrown);
        console.log(error.code, error.hint); process.exit(0);`);
      const { stdout } = await local.context.exec(script, { uid: 65_534, gid: 65_534, cwd: "/" });
      expect(stdout).toMatch(/^database-permission Run fairlead as the user/);
    } finally {
      await local.close();
    }
  });

  it.runIf(isRoot())("gets its data elsewhere when it cannot go through root's project", async () => {
    const parent = await mkdtemp(join(tmpdir(), "fairlead-private-"));
    const system = await mkdtemp(join(tmpdir(), "fairlead-elsewhere-"));
    await chmod(parent, 0o700);
    await chmod(system, 0o755);
    const local = await localFixture({ root: join(parent, "project"), systemDirectory: system });
    try {
      const state = await local.database.provision(local.context, "staging");
      expect(state.location.startsWith(system)).toBe(true);
      const pointer = await readFile(join(local.root, ".fairlead", "postgres-elsewhere.json"), "utf8");
      expect(pointer).toContain(system);
      await local.database.lifecycle?.stop(local.context, "staging");
      await chmod(parent, 0o755);
      expect((await local.database.provision(local.context, "staging")).location).toBe(state.location);
    } finally {
      await local.close();
      await rm(parent, { recursive: true, force: true });
      await rm(system, { recursive: true, force: true });
    }
  });

  it.runIf(isRoot())("is the owner's in a user's project, for the user and root in turns", async () => {
    const local = await localFixture();
    try {
      await local.context.exec(["chown", "nobody", local.root]);
      const { gid, uid } = await stat(local.root);
      const asUser = (body: string) =>
        local.context.exec(local.script(`${body}; process.exit(0);`), { uid, gid, cwd: "/" });

      // Root makes it, as the owner of the project would have.
      await local.database.provision(local.context, "staging");
      await local.database.branch(local.context, "staging", "empty");
      await local.database.lifecycle?.stop(local.context, "staging");
      const data = join(local.root, ".fairlead", "postgres", "staging", "cluster", "data");
      expect((await stat(data)).uid).toBe(uid);

      // The user goes on with it, and makes one of their own.
      const first = await asUser(`
        await database.provision(context, "staging");
        await database.branches.restore(context, "staging", "empty");
        await database.provision(context, "production");
        const { url } = await database.connection(context, "staging");
        await withClient(url, (client) => client.query("create table kept as select 7 as value"))`);
      expect([first.code, first.stderr]).toEqual([0, ""]);

      // Root stops and starts both; the user reads on, and deletes what root started.
      for (const environment of ["production", "staging"]) {
        await local.database.lifecycle?.stop(local.context, environment);
        await local.database.provision(local.context, environment);
      }
      const second = await asUser(`
        const { url } = await database.connection(context, "staging");
        await withClient(url, async (client) => {
          const { rows } = await client.query("select value from kept");
          console.log(JSON.stringify(rows));
        });
        await database.branches.delete(context, "staging", "empty");
        await database.destroy(context, "staging")`);
      expect([second.code, second.stderr, second.stdout.trim()]).toEqual([0, "", '[{"value":7}]']);
    } finally {
      await local.close();
    }
  });

  it.runIf(isRoot())("is told that the disk is full, and nothing half is left", async () => {
    const root = await mkdtemp(join(tmpdir(), "fairlead-full-"));
    const context = testContext();
    await chmod(root, 0o755);
    const mounted = await context.exec(["mount", "-t", "tmpfs", "-o", "size=24m,mode=755", "tmpfs", root]);
    if (mounted.code !== 0) {
      // A container without the right to mount; the sorting of messages is tested beside.
      await rm(root, { recursive: true });
      return;
    }
    const local = await localFixture({ root });
    try {
      const making = local.database.provision(local.context, "staging");
      await expect(making).rejects.toMatchObject({ code: "disk-full" });
      expect(await local.database.observe(local.context, "staging")).toMatchObject({ exists: false });

      await context.exec(["mount", "-o", "remount,size=120m", root]);
      await local.database.provision(local.context, "staging");
      const { url } = await local.database.connection(local.context, "staging");
      await withClient(url, (client) => client.query("create table kept as select 7 as value"));
      await expect(local.database.branch(local.context, "staging", "copy")).rejects.toMatchObject({
        code: "disk-full",
      });
      expect(await local.database.branches?.list(local.context, "staging")).toEqual([]);
      await withClient(url, (client) => client.query("insert into kept values (8)"));

      // Full under a stopped server: it cannot start, and starts once there is room.
      await local.database.lifecycle?.stop(local.context, "staging");
      const filler = join(root, "filler");
      await context.exec(["dd", "if=/dev/zero", `of=${filler}`, "bs=64k"]);
      await expect(local.database.provision(local.context, "staging")).rejects.toMatchObject({
        code: "disk-full",
      });
      await rm(filler);
      await local.database.provision(local.context, "staging");
      const { rows } = await withClient(url, (client) => client.query("select sum(value)::int from kept"));
      expect(rows).toEqual([{ sum: 15 }]);
      await local.database.destroy(local.context, "staging");
    } finally {
      await rm(join(root, "filler"), { force: true });
      await local.database.destroy(context, "staging");
      await context.exec(["umount", "-l", root]);
      await rm(root, { recursive: true, force: true });
    }
  });
});
