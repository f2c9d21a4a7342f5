import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { Secret } from "../kernel/index.ts";
import { withClient } from "./client.ts";
import { databaseContract } from "./contract.ts";
import { type LocalFixture, localFixture } from "./fixture.ts";

databaseContract("local Postgres", async () => {
  const { close, database } = await localFixture();
  return { database, environments: ["staging", "production"], close };
});

describe("local Postgres", () => {
  let local: LocalFixture;
  let folder: string;
  const urlOf = async (environment: string) =>
    new URL((await local.database.connection(local.context, environment)).url.reveal());
  const rowsOf = (url: URL, sql: string) =>
    withClient(new Secret(url.href), async (client) => {
      const { rows } = await client.query<Record<string, unknown>>(sql);
      return rows;
    });

  beforeAll(async () => {
    local = await localFixture({ application: "chat-app" });
    folder = join(local.root, ".fairlead", "postgres", "staging", "cluster");
    await Promise.all(
      ["staging", "production"].map((environment) => local.database.provision(local.context, environment)),
    );
  });
  afterAll(() => local.close());

  it("has a role, a password and a server per environment", async () => {
    const staging = await urlOf("staging");
    const production = await urlOf("production");
    expect([staging.username, production.username]).toEqual(["chat_app_staging", "chat_app_production"]);
    expect(staging.port).not.toBe(production.port);
    const crossed = new URL(staging);
    crossed.port = production.port;
    await expect(rowsOf(crossed, "select 1")).rejects.toMatchObject({ code: "database-unreachable" });
    const ours = new URL(production);
    ours.password = staging.password;
    await expect(rowsOf(ours, "select 1")).rejects.toMatchObject({ code: "database-unreachable" });
  });

  it("accepts nobody without a password, and stores only verifiers", async () => {
    const anonymous = await urlOf("staging");
    anonymous.password = "";
    await expect(rowsOf(anonymous, "select 1")).rejects.toMatchObject({ code: "database-unreachable" });
    const rules = await readFile(join(folder, "data", "pg_hba.conf"), "utf8");
    expect(rules.split("\n").filter((line) => line !== "" && !line.startsWith("#"))).toEqual([
      "host all all 127.0.0.1/32 scram-sha-256",
    ]);
  });

  it("keeps passwords out of the server's arguments, log and readable files", async () => {
    const { password } = await urlOf("staging");
    expect((await stat(join(folder, "cluster.json"))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, "data"))).mode & 0o777).toBe(0o700);
    const pid = (await readFile(join(folder, "data", "postmaster.pid"), "utf8")).split("\n")[0] ?? "";
    const shown = [
      await readFile(`/proc/${pid}/cmdline`, "utf8"),
      await readFile(`/proc/${pid}/environ`, "utf8").catch(() => ""),
      await readFile(join(folder, "server.log"), "utf8"),
    ];
    expect(shown.join("\n")).toContain("postgres");
    expect(shown.join("\n")).not.toContain(password);
  });

  it("is set up for an application: UTF-8, UTC, durable, statistics where the library is there", async () => {
    const url = await urlOf("staging");
    expect(
      await rowsOf(
        url,
        "select name, setting from pg_settings where name in " +
          "('TimeZone', 'fsync', 'server_encoding', 'wal_level', 'password_encryption') order by name",
      ),
    ).toEqual([
      { name: "TimeZone", setting: "UTC" },
      { name: "fsync", setting: "on" },
      { name: "password_encryption", setting: "scram-sha-256" },
      { name: "server_encoding", setting: "UTF8" },
      { name: "wal_level", setting: "replica" },
    ]);
    expect(await rowsOf(url, "select lower('ÄÖ') as lowered, 'B' < 'a' as bytewise")).toEqual([
      { lowered: "äö", bytewise: true },
    ]);
    await rowsOf(url, "create extension pg_trgm");
  });

  it("refuses an environment that would share a folder with another", async () => {
    await local.database.provision(local.context, "preview-7");
    await expect(local.database.provision(local.context, "preview/7")).rejects.toMatchObject({
      code: "database-name",
    });
    await local.database.destroy(local.context, "preview-7");
  });

  it("says so when there is no database yet", async () => {
    await expect(local.database.connection(local.context, "elsewhere")).rejects.toMatchObject({
      code: "database-missing",
    });
    await expect(local.database.branch(local.context, "elsewhere", "copy")).rejects.toMatchObject({
      code: "database-missing",
    });
    await expect(local.database.branch(local.context, "staging", "../copy")).rejects.toMatchObject({
      code: "branch-name",
    });
  });
});
