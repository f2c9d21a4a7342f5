import { randomBytes } from "node:crypto";

import { sql } from "kysely";

import { announce } from "./announcement.ts";
import { database } from "./database.ts";
import { retryOnce } from "./unavailable.ts";

const INVITE_TOKEN_BYTES = 12;
const MAX_LISTED = 200;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A chat session as one of its members sees it. */
export interface ChatSession {
  id: string;
  title: string;
  ownerId: string;
  inviteToken: string;
  lastMessageId: number;
  memberCount: number;
}

/** A line of the list of sessions. */
export interface SessionSummary {
  id: string;
  title: string;
  lastActivityAt: string;
  lastMessage?: { author: string; body: string };
}

export interface Member {
  id: string;
  name: string;
}

/** Creates a session with its owner as the first member. */
export async function createSession(ownerId: string, title: string): Promise<ChatSession> {
  const inviteToken = randomBytes(INVITE_TOKEN_BYTES).toString("base64url");
  return database()
    .transaction()
    .execute(async (transaction) => {
      const { id } = await transaction
        .insertInto("sessions")
        .values({ title, owner_id: ownerId, invite_token: inviteToken })
        .returning("id")
        .executeTakeFirstOrThrow();
      await transaction.insertInto("members").values({ session_id: id, account_id: ownerId }).execute();
      return { id, title, ownerId, inviteToken, lastMessageId: 0, memberCount: 1 };
    });
}

/** The session, if there is one and the account is a member. */
export async function findSession(accountId: string, sessionId: string): Promise<ChatSession | undefined> {
  if (!UUID.test(sessionId)) return undefined;
  return retryOnce(() =>
    database()
      .selectFrom("sessions")
      .innerJoin("members", "members.session_id", "sessions.id")
      .select((build) => [
        "sessions.id",
        "sessions.title",
        "sessions.owner_id as ownerId",
        "sessions.invite_token as inviteToken",
        "sessions.last_message_id as lastMessageId",
        build
          .selectFrom("members as all")
          .whereRef("all.session_id", "=", "sessions.id")
          .select(sql<number>`count(*)::int`.as("count"))
          .$asScalar()
          .$notNull()
          .as("memberCount"),
      ])
      .where("sessions.id", "=", sessionId)
      .where("members.account_id", "=", accountId)
      .executeTakeFirst(),
  );
}

/** The sessions of an account, the most recently used first. */
export async function listSessions(accountId: string): Promise<SessionSummary[]> {
  const rows = await retryOnce(() =>
    database()
      .selectFrom("members")
      .innerJoin("sessions", "sessions.id", "members.session_id")
      .leftJoin("messages", (join) =>
        join
          .onRef("messages.session_id", "=", "sessions.id")
          .onRef("messages.id", "=", "sessions.last_message_id"),
      )
      .leftJoin("accounts", "accounts.id", "messages.account_id")
      .select([
        "sessions.id",
        "sessions.title",
        "sessions.last_activity_at",
        "accounts.name as author",
        "messages.body",
      ])
      .where("members.account_id", "=", accountId)
      .orderBy("sessions.last_activity_at", "desc")
      .limit(MAX_LISTED)
      .execute(),
  );
  return rows.map((row) => ({
    id: row.id,
    title: row.title,
    lastActivityAt: row.last_activity_at.toISOString(),
    ...(row.author !== null && row.body !== null
      ? { lastMessage: { author: row.author, body: row.body } }
      : {}),
  }));
}

/** The members of a session in the order in which they joined. */
export async function listMembers(sessionId: string): Promise<Member[]> {
  return database()
    .selectFrom("members")
    .innerJoin("accounts", "accounts.id", "members.account_id")
    .select(["accounts.id", "accounts.name"])
    .where("members.session_id", "=", sessionId)
    .orderBy("members.joined_at")
    .limit(MAX_LISTED)
    .execute();
}

/** Gives a session of this owner another title; false when there is none. */
export async function renameSession(ownerId: string, sessionId: string, title: string): Promise<boolean> {
  if (!UUID.test(sessionId)) return false;
  const result = await database()
    .updateTable("sessions")
    .set({ title })
    .where("id", "=", sessionId)
    .where("owner_id", "=", ownerId)
    .executeTakeFirst();
  if (result.numUpdatedRows === 0n) return false;
  await announce("session", sessionId);
  return true;
}

/** Deletes a session of this owner with its messages for good; false when there is none. */
export async function deleteSession(ownerId: string, sessionId: string): Promise<boolean> {
  if (!UUID.test(sessionId)) return false;
  const result = await database()
    .deleteFrom("sessions")
    .where("id", "=", sessionId)
    .where("owner_id", "=", ownerId)
    .executeTakeFirst();
  if (result.numDeletedRows === 0n) return false;
  await announce("session", sessionId);
  return true;
}
