import { randomBytes, randomUUID } from "node:crypto";

import { enforceEnvironment } from "@fairlead/runtime";

import { closeDatabase, database } from "../src/server/database.ts";
import { environment } from "../src/server/environment.ts";
import { joinSession } from "../src/server/memberships.ts";
import { sendMessage } from "../src/server/messages.ts";
import { hashPassword } from "../src/server/password.ts";
import { createSession, listSessions } from "../src/server/sessions.ts";

const PASSWORD = "quayside demo";
const SECRET_BYTES = 32;

const people = [
  { name: "Mira Holt", email: "mira@example.com" },
  { name: "Tom Brandt", email: "tom@example.com" },
  { name: "Ines Sørli", email: "ines@example.com" },
];

const sessions = [
  {
    title: "Harbour festival",
    lines: [
      [0, "The east quay is free on Saturday. Shall we take it?"],
      [1, "Yes! I’ll move the stage and tell the band."],
      [2, "I can measure it on my way home. Last year it stuck out over the steps."],
      [0, "Perfect. Take a photo of the power box, please."],
    ],
  },
  {
    title: "Lighthouse repair fund",
    lines: [
      [2, "The survey came back: it is the west wall."],
      [0, "As expected. I’ll ask for two more offers."],
    ],
  },
  { title: "Crew rota", lines: [[1, "Who can take the night of the 24th?"]] },
] as const;

/** Fills a database with people who talk; running it again adds nothing. */
async function seed(): Promise<string> {
  const accounts = [];
  for (const person of people) accounts.push(await findOrCreate(person));
  const [owner] = accounts;
  if (owner === undefined) throw new Error("there is nobody to own a session");
  const present = new Set((await listSessions(owner.id)).map(({ title }) => title));
  for (const { title, lines } of sessions) {
    if (present.has(title)) continue;
    const session = await createSession(owner.id, title);
    for (const account of accounts) await joinSession(account.id, session.inviteToken);
    for (const [speaker, body] of lines) {
      const author = accounts[speaker] ?? owner;
      await sendMessage({ sessionId: session.id, author, body, key: randomUUID() });
    }
  }
  const names = people.map(({ email }) => email).join(", ");
  const counts = `${String(people.length)} accounts, ${String(sessions.length)} sessions`;
  return `${counts}; log in as ${names} with "${PASSWORD}"\n`;
}

async function findOrCreate(person: { name: string; email: string }): Promise<{ id: string; name: string }> {
  const existing = await database()
    .selectFrom("accounts")
    .select(["id", "name"])
    .where("email", "=", person.email)
    .executeTakeFirst();
  if (existing !== undefined) return existing;
  const password_hash = await hashPassword(PASSWORD);
  return database()
    .insertInto("accounts")
    .values({ ...person, password_hash })
    .returning(["id", "name"])
    .executeTakeFirstOrThrow();
}

// Seeding signs nothing, so the database's address is enough.
process.env["SESSION_SECRET"] ??= randomBytes(SECRET_BYTES).toString("base64url");
enforceEnvironment(environment);
process.stdout.write(await seed());
await closeDatabase();
