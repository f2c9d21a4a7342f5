import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { Secret, testContext } from "../kernel/index.ts";
import { openClient } from "./client.ts";
import { databaseContract } from "./contract.ts";
import { createExternalPostgres } from "./external.ts";
import { type LocalFixture, localFixture } from "./fixture.ts";

databaseContract("a Postgres by URL", async () => {
  const local = await localFixture();
  const urls: Record<string, Secret> = {};
  for (const environment of ["staging", "production"]) {
    await local.database.provision(local.context, environment);
    urls[environment] = (await local.database.connection(local.context, environment)).url;
  }
  const database = createExternalPostgres({ urls });
  return { database, environments: ["staging", "production"], close: () => local.close() };
});

describe("connections", () => {
  let local: LocalFixture;
  let url: URL;
  beforeAll(async () => {
    local = await localFixture();
    await local.database.provision(local.context, "staging");
    url = new URL((await local.database.connection(local.context, "staging")).url.reveal());
  });
  afterAll(() => local.close());

  const failureOf = async (text: string) => {
    const error: unknown = await openClient(new Secret(text)).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return error;
  };

  it("names place, reason and remedy, and not the password", async () => {
    const wrong = new URL(url);
    wrong.password = "a-wrong-password";
    const error = await failureOf(wrong.href);
    expect(error).toMatchObject({ code: "database-unreachable", exit: "environment" });
    expect(String(error)).toContain(`postgresql://chat_staging@${url.host}/chat`);
    expect(String(error)).toContain("password authentication failed");
    expect(String(error)).not.toContain("a-wrong-password");
  });

  it("tells a server that is not there from a database that is not there", async () => {
    const closed = new URL(url);
    closed.port = "1";
    expect(await failureOf(closed.href)).toMatchObject({
      hint: expect.stringContaining("Nothing listens") as string,
    });
    const missing = new URL(url);
    missing.pathname = "/nothing";
    expect(await failureOf(missing.href)).toMatchObject({
      hint: expect.stringContaining("no database of that name") as string,
    });
  });

  it("does not repeat a URL that cannot be read", async () => {
    const error = await failureOf("postgresql://role:hidden-word@host:port:1/%%%");
    expect(error).toMatchObject({ code: "database-unreachable" });
    expect(JSON.stringify(error) + String(error) + String((error as Error).stack)).not.toContain(
      "hidden-word",
    );
  });

  it("says which environment has no URL, and which URL is none of Postgres", async () => {
    const database = createExternalPostgres({ urls: { staging: new Secret("mysql://role:word@host/name") } });
    const context = testContext();
    await expect(database.connection(context, "production")).rejects.toMatchObject({
      code: "database-missing",
    });
    expect(await database.check(context)).toMatchObject([{ where: "database of staging" }]);
  });

  it("survives a server that goes away under an idle session", async () => {
    const client = await openClient(new Secret(url.href));
    await local.database.lifecycle?.stop(local.context, "staging");
    await expect(client.query("select 1")).rejects.toThrow();
    await client.end().catch(() => undefined);
  });
});
