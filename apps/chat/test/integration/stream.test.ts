import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";

import { GET as stream } from "../../src/app/api/sessions/[id]/stream/route.ts";
import { makeMessage, makePerson, makeSession, type Person } from "../../src/factories.ts";
import { closeDatabase, database } from "../../src/server/database.ts";
import { countFeeds, stopFeeds } from "../../src/server/feed.ts";
import { leaveSession } from "../../src/server/memberships.ts";
import { type ChatSession, deleteSession, renameSession } from "../../src/server/sessions.ts";
import { call, type CallOptions, readEvents } from "./requests.ts";

const run = promisify(execFile);

afterAll(async () => {
  await stopFeeds();
  await closeDatabase();
});

interface OpenStream {
  response: Response;
  reader: ReadableStreamDefaultReader<Uint8Array>;
  close(): void;
}

async function open(person: Person, session: ChatSession, options: CallOptions = {}): Promise<OpenStream> {
  const abort = new AbortController();
  const response = await call(stream, {
    cookie: person.cookie,
    parameters: { id: session.id },
    signal: abort.signal,
    ...options,
  });
  if (response.body === null) throw new Error("no stream");
  const reader = response.body.getReader();
  return {
    response,
    reader,
    close: () => {
      abort.abort();
    },
  };
}

const messageIds = (events: { event: string; id: string | undefined }[]): number[] =>
  events.filter(({ event }) => event === "message").map(({ id }) => Number(id));

test("is an event stream that nothing keeps, changes or holds back", async () => {
  const mira = await makePerson();
  const { response, reader, close } = await open(mira, await makeSession(mira));
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
  });
  const { value } = await reader.read();
  expect(Buffer.from(value ?? []).toString()).toBe("retry: 1000\n\n");
  close();
});

test("brings new messages to everybody, with the session's details first", async () => {
  const [mira, tom] = [await makePerson(), await makePerson()];
  const session = await makeSession(mira, { title: "Quay", members: [tom] });
  const streams = [await open(mira, session), await open(tom, session)];
  const first = await makeMessage(session, mira, "Hello");
  for (const { reader, close } of streams) {
    const events = await readEvents(reader, (all) => messageIds(all).length === 1);
    expect(events.find(({ event }) => event === "message")?.data).toEqual(first);
    close();
  }
});

test("resumes behind the last id, which the header says before the address", async () => {
  const mira = await makePerson();
  const session = await makeSession(mira);
  for (let count = 0; count < 6; count += 1) await makeMessage(session, mira);
  const byAddress = await open(mira, session, { query: "after=2" });
  expect(messageIds(await readEvents(byAddress.reader, (all) => messageIds(all).length >= 4))).toEqual([
    3, 4, 5, 6,
  ]);
  byAddress.close();
  const byHeader = await open(mira, session, { query: "after=2", headers: { "last-event-id": "5" } });
  expect(messageIds(await readEvents(byHeader.reader, (all) => messageIds(all).length >= 1))).toEqual([6]);
  byHeader.close();
});

test("misses and doubles nothing while it comes and goes under load", async () => {
  const [mira, tom] = [await makePerson(), await makePerson()];
  const session = await makeSession(mira, { members: [tom] });
  const total = 150;
  const writing = (async () => {
    for (let count = 0; count < total; count += 1) await makeMessage(session, count % 2 === 0 ? mira : tom);
  })();
  const seen: number[] = [];
  while (seen.length < total) {
    const { reader, close } = await open(tom, session, { query: `after=${String(seen.at(-1) ?? 0)}` });
    const wanted = Math.min(20, total - seen.length);
    seen.push(...messageIds(await readEvents(reader, (all) => messageIds(all).length >= wanted)));
    close();
  }
  await writing;
  expect(seen).toEqual(Array.from({ length: total }, (_, index) => index + 1));
});

test("reads what is older than it keeps from the database", async () => {
  const mira = await makePerson();
  const session = await makeSession(mira);
  for (let count = 0; count < 450; count += 1) await makeMessage(session, mira);
  const { reader, close } = await open(mira, session, { query: "after=0" });
  const ids = messageIds(await readEvents(reader, (all) => messageIds(all).length >= 450));
  expect(ids).toEqual(Array.from({ length: 450 }, (_, index) => index + 1));
  close();
});

test("hears of messages that another process wrote", async () => {
  const mira = await makePerson();
  const session = await makeSession(mira);
  const { reader, close } = await open(mira, session);
  const script = `
    import { makeMessage } from ${JSON.stringify(new URL("../../src/factories.ts", import.meta.url).href)};
    const [session, author] = JSON.parse(process.argv[1]);
    await makeMessage(session, author, "From elsewhere");
    process.exit(0);
  `;
  await run(process.execPath, ["--input-type=module", "-e", script, JSON.stringify([session, mira])]);
  const events = await readEvents(reader, (all) => messageIds(all).length >= 1);
  expect(events.at(-1)?.data["body"]).toBe("From elsewhere");
  close();
});

test("tells of a new title, and of the end", async () => {
  const [mira, tom] = [await makePerson(), await makePerson()];
  const session = await makeSession(mira, { title: "Before", members: [tom] });
  const { reader } = await open(tom, session);
  await readEvents(reader, (all) => all.length === 1);
  await renameSession(mira.id, session.id, "After");
  const [renamed] = await readEvents(reader, (all) => all.length === 1);
  expect(renamed).toMatchObject({ event: "session", data: { title: "After", memberCount: 2 } });
  await deleteSession(mira.id, session.id);
  const [gone] = await readEvents(reader, (all) => all.length === 1);
  expect(gone?.event).toBe("gone");
  expect((await reader.read()).done).toBe(true);
});

test("ends for a member who left, and not for the others", async () => {
  const [mira, tom] = [await makePerson(), await makePerson()];
  const session = await makeSession(mira, { members: [tom] });
  const [staying, leaving] = [await open(mira, session), await open(tom, session)];
  await readEvents(leaving.reader, (all) => all.length === 1);
  await leaveSession(tom.id, session.id);
  expect((await readEvents(leaving.reader, (all) => all.length === 1))[0]?.event).toBe("gone");
  await makeMessage(session, mira);
  await readEvents(staying.reader, (all) => messageIds(all).length === 1);
  staying.close();
});

test("tells a client whose messages were undone, and goes on from where the database is", async () => {
  const mira = await makePerson();
  const session = await makeSession(mira);
  await makeMessage(session, mira);
  const { reader, close } = await open(mira, session, { query: "after=7" });
  const [reset] = await readEvents(reader, (all) => all.length >= 1);
  expect(reset).toMatchObject({ event: "reset", id: "1", data: { head: 1 } });
  await makeMessage(session, mira);
  expect(messageIds(await readEvents(reader, (all) => messageIds(all).length === 1))).toEqual([2]);
  close();
});

test("frees everything when the client goes, also in the middle of waiting", async () => {
  const mira = await makePerson();
  const session = await makeSession(mira);
  const before = countFeeds();
  const [first, second] = [await open(mira, session), await open(mira, session)];
  await readEvents(first.reader, (all) => all.length === 1);
  expect(countFeeds()).toBe(before + 1);
  first.close();
  await second.reader.cancel();
  await expect.poll(countFeeds).toBe(before);
});

test("comes through the loss of the listening connection without losing a message", async () => {
  const mira = await makePerson();
  const session = await makeSession(mira);
  const { reader, close } = await open(mira, session);
  await readEvents(reader, (all) => all.length === 1);
  const { rows } = await sql<{ ended: boolean }>`
    select pg_terminate_backend(pid) as ended from pg_stat_activity where application_name = 'chat listener'
  `.execute(database());
  expect(rows).toEqual([{ ended: true }]);
  await makeMessage(session, mira, "In the gap");
  const events = await readEvents(reader, (all) => messageIds(all).length === 1);
  expect(events.find(({ event }) => event === "message")?.data["body"]).toBe("In the gap");
  close();
});

test("is refused to strangers and to wrong ids", async () => {
  const [mira, stranger] = [await makePerson(), await makePerson()];
  const session = await makeSession(mira);
  expect((await call(stream, { cookie: stranger.cookie, parameters: { id: session.id } })).status).toBe(404);
  expect((await call(stream, { parameters: { id: session.id } })).status).toBe(401);
  const wrong = await call(stream, { cookie: mira.cookie, parameters: { id: session.id }, query: "after=x" });
  expect(wrong.status).toBe(422);
});
