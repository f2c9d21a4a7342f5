import { afterAll, beforeAll, expect, test } from "vitest";

import { GET as ready } from "../../src/app/api/ready/route.ts";
import { GET as list, POST as send } from "../../src/app/api/sessions/[id]/messages/route.ts";
import { GET as stream } from "../../src/app/api/sessions/[id]/stream/route.ts";
import { POST as login } from "../../src/app/forms/login/route.ts";
import { makeMessage, makePerson, makeSession } from "../../src/factories.ts";
import { closeDatabase } from "../../src/server/database.ts";
import { stopFeeds } from "../../src/server/feed.ts";
import { migrate, startPostgres, type TestPostgres } from "../postgres.ts";
import { call, readEvents } from "./requests.ts";

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
  await migrate(postgres.url);
  process.env["DATABASE_URL"] = postgres.url;
});

afterAll(async () => {
  await stopFeeds();
  await closeDatabase();
  await postgres.remove();
});

test("is not ready before the schema is as this release needs it", async () => {
  expect((await ready()).status).toBe(200);
  await migrate(postgres.url, ["down", "1"]);
  const behind = await ready();
  expect(behind.status).toBe(503);
  expect(await behind.json()).toMatchObject({
    reasons: [expect.stringMatching(/^schema: migration .* is not applied/)],
  });
  await migrate(postgres.url);
  expect((await ready()).status).toBe(200);
});

test("waits for a database that restarts instead of failing", async () => {
  const mira = await makePerson();
  const session = await makeSession(mira);
  const options = { cookie: mira.cookie, parameters: { id: session.id } };
  await postgres.stop();
  const answers = [
    call(list, options),
    call(send, { ...options, json: { body: "Sent into the gap", key: "gap" } }),
    call(login, { form: { email: mira.email, password: mira.password } }),
  ];
  await postgres.start();
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 201, 303]);
});

test("says 503 while the database is away, and comes back by itself", async () => {
  const mira = await makePerson();
  const session = await makeSession(mira);
  const options = { cookie: mira.cookie, parameters: { id: session.id } };
  const abort = new AbortController();
  const followed = await call(stream, { ...options, signal: abort.signal });
  const reader = followed.body?.getReader();
  if (reader === undefined) throw new Error("no stream");
  await readEvents(reader, (events) => events.length === 1);
  await postgres.stop();
  const [json, page, readiness] = await Promise.all([
    call(list, options),
    call(login, { form: { email: mira.email, password: mira.password } }),
    ready(),
  ]);
  expect([json.status, page.status, readiness.status]).toEqual([503, 503, 503]);
  expect(await json.json()).toMatchObject({ error: { code: "unavailable" } });
  expect(page.headers.get("content-type")).toContain("text/html");
  await postgres.start();
  expect((await call(list, options)).status).toBe(200);
  expect((await ready()).status).toBe(200);
  await makeMessage(session, mira, "Back");
  const events = await readEvents(reader, (all) => all.some(({ event }) => event === "message"));
  expect(events.find(({ event }) => event === "message")?.data["body"]).toBe("Back");
  abort.abort();
});
