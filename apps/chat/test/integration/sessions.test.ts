import { afterAll, expect, test } from "vitest";

import { GET as readSession } from "../../src/app/api/sessions/[id]/route.ts";
import { GET as listSessions, POST as create } from "../../src/app/api/sessions/route.ts";
import { POST as join } from "../../src/app/forms/join/route.ts";
import { POST as remove } from "../../src/app/forms/sessions/[id]/delete/route.ts";
import { POST as leave } from "../../src/app/forms/sessions/[id]/leave/route.ts";
import { POST as rename } from "../../src/app/forms/sessions/[id]/rename/route.ts";
import { POST as createByForm } from "../../src/app/forms/sessions/route.ts";
import { makeMessage, makePerson, makeSession } from "../../src/factories.ts";
import { closeDatabase } from "../../src/server/database.ts";
import { call } from "./requests.ts";

afterAll(closeDatabase);

test("creates a session by JSON and by form, and lists the most recently used first", async () => {
  const { cookie, ...owner } = await makePerson();
  const created = await call(create, { cookie, json: { title: " First " } });
  expect(created.status).toBe(201);
  const { session } = (await created.json()) as { session: { id: string; invitePath: string } };
  expect(session).toMatchObject({ title: "First", memberCount: 1, lastMessageId: 0 });
  const byForm = await call(createByForm, { cookie, form: { title: "Second" } });
  expect(byForm.headers.get("location")).toMatch(/^\/sessions\/[0-9a-f-]{36}$/);
  await makeMessage(
    { ...session, title: "", ownerId: "", inviteToken: "", lastMessageId: 0, memberCount: 1 },
    owner,
  );
  const { sessions } = (await (await call(listSessions, { cookie })).json()) as { sessions: unknown[] };
  expect(sessions).toMatchObject([
    { title: "First", lastMessage: { author: owner.name, body: "Hello" } },
    { title: "Second" },
  ]);
});

test.each([[{ title: "" }], [{ title: "x".repeat(81) }], [{ name: "no title" }], [[]], ["text"]])(
  "refuses a session without a proper title: %j",
  async (json) => {
    const { cookie } = await makePerson();
    const response = await call(create, { cookie, json });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ error: { code: "invalid", fields: expect.anything() } });
  },
);

test("a session is there for its members alone", async () => {
  const [owner, stranger] = [await makePerson(), await makePerson()];
  const session = await makeSession(owner);
  const read = (cookie: string, id: string): Promise<Response> =>
    call(readSession, { cookie, parameters: { id } });
  expect((await read(owner.cookie, session.id)).status).toBe(200);
  expect((await read(stranger.cookie, session.id)).status).toBe(404);
  expect((await read(owner.cookie, "not-a-uuid")).status).toBe(404);
});

test("a link makes whoever has it a member, once; members can leave, the owner cannot", async () => {
  const [owner, guest] = [await makePerson(), await makePerson()];
  const session = await makeSession(owner);
  const parameters = { id: session.id };
  for (let count = 0; count < 2; count += 1) {
    const joined = await call(join, { cookie: guest.cookie, form: { token: session.inviteToken } });
    expect(joined.headers.get("location")).toBe(`/sessions/${session.id}`);
  }
  const answer = await call(readSession, { cookie: guest.cookie, parameters });
  expect(await answer.json()).toMatchObject({ session: { memberCount: 2 } });
  for (const { cookie } of [owner, guest]) await call(leave, { cookie, parameters, form: {} });
  expect((await call(readSession, { cookie: guest.cookie, parameters })).status).toBe(404);
  expect((await call(readSession, { cookie: owner.cookie, parameters })).status).toBe(200);
});

test("a link that leads nowhere leads back to its page", async () => {
  const { cookie } = await makePerson();
  const response = await call(join, { cookie, form: { token: "../../evil" } });
  expect(response.headers.get("location")).toBe("/join/..%2F..%2Fevil");
});

test("only the owner renames and deletes, and deleting needs the tick", async () => {
  const [owner, guest] = [await makePerson(), await makePerson()];
  const session = await makeSession(owner, { title: "Before", members: [guest] });
  const parameters = { id: session.id };
  const title = async (): Promise<unknown> => {
    const answer = await call(readSession, { cookie: owner.cookie, parameters });
    return answer.status === 200
      ? ((await answer.json()) as { session: { title: string } }).session.title
      : undefined;
  };
  await call(rename, { cookie: guest.cookie, parameters, form: { title: "Taken" } });
  expect(await title()).toBe("Before");
  await call(rename, { cookie: owner.cookie, parameters, form: { title: "After" } });
  expect(await title()).toBe("After");
  await call(remove, { cookie: guest.cookie, parameters, form: { confirm: "yes" } });
  await call(remove, { cookie: owner.cookie, parameters, form: {} });
  expect(await title()).toBe("After");
  const removed = await call(remove, { cookie: owner.cookie, parameters, form: { confirm: "yes" } });
  expect(removed.headers.get("location")).toBe("/");
  expect(await title()).toBeUndefined();
});
