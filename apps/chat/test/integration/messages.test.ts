import { randomUUID } from "node:crypto";

import { afterAll, expect, test } from "vitest";

import { GET as list, POST as send } from "../../src/app/api/sessions/[id]/messages/route.ts";
import { POST as sendByForm } from "../../src/app/forms/sessions/[id]/messages/route.ts";
import { makeMessage, makePerson, makeSession, type Person } from "../../src/factories.ts";
import { closeDatabase, database } from "../../src/server/database.ts";
import { listMessagesAfter, type Message, sendMessage } from "../../src/server/messages.ts";
import { call } from "./requests.ts";

afterAll(closeDatabase);

async function sessionOf(...people: Person[]) {
  const [owner, ...members] = people;
  if (owner === undefined) throw new Error("a session has an owner");
  return makeSession(owner, { members });
}

test("sends and lists messages, in order and from an id on", async () => {
  const [mira, tom] = [await makePerson({ name: "Mira" }), await makePerson({ name: "Tom" })];
  const session = await sessionOf(mira, tom);
  const parameters = { id: session.id };
  const sent = await call(send, { cookie: mira.cookie, parameters, json: { body: " One\r\ntwo " } });
  expect(sent.status).toBe(201);
  expect(await sent.json()).toMatchObject({ message: { id: 1, body: "One\ntwo", author: { name: "Mira" } } });
  await call(sendByForm, { cookie: tom.cookie, parameters, form: { body: "Three", key: randomUUID() } });
  await makeMessage(session, mira, "Four");
  const listed = await call(list, { cookie: tom.cookie, parameters, query: "after=1&limit=1" });
  expect(await listed.json()).toMatchObject({ messages: [{ id: 2, body: "Three" }], head: 3 });
});

test("the same key is the same message, by JSON, header and form", async () => {
  const mira = await makePerson();
  const session = await sessionOf(mira);
  const options = { cookie: mira.cookie, parameters: { id: session.id } };
  const key = randomUUID();
  const first = await call(send, { ...options, json: { body: "Once", key } });
  const again = await call(send, { ...options, json: { body: "Once" }, headers: { "idempotency-key": key } });
  await call(sendByForm, { ...options, form: { body: "Once", key } });
  expect([first.status, again.status]).toEqual([201, 200]);
  expect(await again.json()).toEqual(await first.json());
  expect(await listMessagesAfter(session.id, 0, 10)).toHaveLength(1);
});

test("sent many times at once, a message is still one, and its neighbours have no gap", async () => {
  const [mira, tom] = [await makePerson(), await makePerson()];
  const session = await sessionOf(mira, tom);
  const key = randomUUID();
  const same = Array.from({ length: 12 }, () =>
    sendMessage({ sessionId: session.id, author: mira, body: "Once", key }),
  );
  const others = Array.from({ length: 12 }, (_, count) => makeMessage(session, tom, String(count)));
  const results = await Promise.all(same);
  await Promise.all(others);
  expect(results.filter(({ sent }) => sent === "now")).toHaveLength(1);
  const ids = (await listMessagesAfter(session.id, 0, 100)).map(({ id }) => id);
  expect(ids).toEqual(Array.from({ length: 13 }, (_, index) => index + 1));
});

test("a reader never sees an id before the ids that come before it", async () => {
  const [mira, tom] = [await makePerson(), await makePerson()];
  const session = await sessionOf(mira, tom);
  const writing = { now: true };
  const write = Promise.all(
    [mira, tom].map(async (author) => {
      for (let count = 0; count < 60; count += 1) await makeMessage(session, author);
    }),
  ).finally(() => {
    writing.now = false;
  });
  const seen: Message[] = [];
  for (let more = true; more;) {
    more = writing.now;
    seen.push(...(await listMessagesAfter(session.id, seen.at(-1)?.id ?? 0, 500)));
  }
  await write;
  expect(seen.map(({ id }) => id)).toEqual(Array.from({ length: 120 }, (_, index) => index + 1));
});

test("a slow transaction holds later messages back instead of letting them overtake", async () => {
  const mira = await makePerson();
  const session = await sessionOf(mira);
  const overtaking = await database()
    .transaction()
    .execute(async (transaction) => {
      const { last_message_id: id } = await transaction
        .updateTable("sessions")
        .set((build) => ({ last_message_id: build("last_message_id", "+", 1) }))
        .where("id", "=", session.id)
        .returning("last_message_id")
        .executeTakeFirstOrThrow();
      await transaction
        .insertInto("messages")
        .values({ session_id: session.id, id, account_id: mira.id, body: "Slow", send_key: "slow" })
        .execute();
      const later = makeMessage(session, mira, "Fast");
      const waits = Promise.race([later, new Promise((resolve) => setTimeout(resolve, 300, "waiting"))]);
      expect(await waits).toBe("waiting");
      expect(await listMessagesAfter(session.id, 0, 10)).toEqual([]);
      return { later };
    });
  expect(await overtaking.later).toMatchObject({ id: 2, body: "Fast" });
});

test("strangers neither read nor write, and nothing of theirs is counted", async () => {
  const [mira, stranger] = [await makePerson(), await makePerson()];
  const session = await sessionOf(mira);
  const options = { cookie: stranger.cookie, parameters: { id: session.id } };
  expect((await call(list, options)).status).toBe(404);
  expect((await call(send, { ...options, json: { body: "Hi" } })).status).toBe(404);
  const sent = await sendMessage({ sessionId: session.id, author: stranger, body: "Hi", key: "k" });
  expect(sent).toEqual({ sent: "not a member" });
  expect(await makeMessage(session, mira)).toMatchObject({ id: 1 });
});

test.each([
  [{ body: "" }, "body"],
  [{ body: "x".repeat(4001) }, "body"],
  [{ body: 7 }, "body"],
  [{ body: "fine", key: "not a key" }, "key"],
  [undefined, "body"],
])("refuses %j", async (json, field) => {
  const mira = await makePerson();
  const session = await sessionOf(mira);
  const response = await call(send, {
    cookie: mira.cookie,
    parameters: { id: session.id },
    ...(json === undefined ? { form: { body: "a form, not JSON" } } : { json }),
  });
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({ error: { fields: { [field]: expect.any(String) } } });
});

test("sending is limited, and says how long to wait", async () => {
  const mira = await makePerson();
  const session = await sessionOf(mira);
  const options = { cookie: mira.cookie, parameters: { id: session.id }, json: { body: "Hello" } };
  const answers = [];
  for (let count = 0; count < 62; count += 1) answers.push(await call(send, options));
  expect(answers.map(({ status }) => status)).toEqual([...Array<number>(60).fill(201), 429, 429]);
  expect(Number(answers.at(-1)?.headers.get("retry-after"))).toBeGreaterThan(0);
});
