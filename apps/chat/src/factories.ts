import { randomBytes, randomUUID } from "node:crypto";

import type { Account } from "./server/accounts.ts";
import { database } from "./server/database.ts";
import { createLogin } from "./server/logins.ts";
import { joinSession } from "./server/memberships.ts";
import { type Message, sendMessage } from "./server/messages.ts";
import { hashPassword } from "./server/password.ts";
import { type ChatSession, createSession } from "./server/sessions.ts";

/** What a made-up person is given unless the test says otherwise. */
export interface PersonOptions {
  name?: string;
  email?: string;
  password?: string;
}

/** Somebody who is logged in; `cookie` goes into a `Cookie` header. */
export interface Person extends Account {
  password: string;
  cookie: string;
}

/** Makes an account with an address of its own, logged in. */
export async function makePerson(options: PersonOptions = {}): Promise<Person> {
  const unique = randomBytes(6).toString("hex");
  const {
    name = `Person ${unique}`,
    email = `${unique}@example.com`,
    password = "a long password",
  } = options;
  const account = await database()
    .insertInto("accounts")
    .values({ name, email, password_hash: await hashOnce(password) })
    .returning(["id", "name", "email"])
    .executeTakeFirstOrThrow();
  const line = await createLogin(account.id, false);
  return { ...account, password, cookie: line.split(";")[0] ?? "" };
}

/** Makes a session with its owner and further members. */
export async function makeSession(
  owner: Account,
  options: { title?: string; members?: readonly Account[] } = {},
): Promise<ChatSession> {
  const session = await createSession(owner.id, options.title ?? "A session");
  for (const member of options.members ?? []) await joinSession(member.id, session.inviteToken);
  return session;
}

/** Sends a message with a key of its own. */
export async function makeMessage(session: ChatSession, author: Account, body = "Hello"): Promise<Message> {
  const result = await sendMessage({ sessionId: session.id, author, body, key: randomUUID() });
  if (result.sent === "not a member") throw new Error(`${author.name} is not a member of ${session.title}`);
  return result.message;
}

const hashes = new Map<string, Promise<string>>();

/** Hashing is slow on purpose; people who are made up may share a hash. */
function hashOnce(password: string): Promise<string> {
  const hash = hashes.get(password) ?? hashPassword(password);
  hashes.set(password, hash);
  return hash;
}
