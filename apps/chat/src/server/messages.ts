import { sql } from "kysely";

import { channel, formatAnnouncement } from "./announcement.ts";
import { database } from "./database.ts";
import { retryOnce } from "./unavailable.ts";
import { isUniqueViolation } from "./unique-violation.ts";

/** A message as clients get it. Ids count from 1 in each session, without gaps. */
export interface Message {
  id: number;
  body: string;
  /** The key under which its author sent it. */
  key: string;
  author: { id: string; name: string };
  createdAt: string;
}

export interface NewMessage {
  sessionId: string;
  author: { id: string; name: string };
  body: string;
  key: string;
}

export type SentMessage = { message: Message; sent: "now" | "before" } | { sent: "not a member" };

interface MessageRow {
  id: number;
  body: string;
  created_at: Date;
}

/**
 * Sends a message; the same key from the same author gives the message that is already there.
 * The update of the session's counter takes its row lock until the commit, so ids become visible in their
 * order: a reader that has seen one id has seen every id before it.
 */
export async function sendMessage(message: NewMessage): Promise<SentMessage> {
  return retryOnce(async () => {
    const before = await findByKey(message);
    if (before !== undefined) return { message: before, sent: "before" };
    try {
      const row = await insertMessage(message);
      if (row === undefined) return { sent: "not a member" };
      return { message: toMessage(row, message), sent: "now" };
    } catch (error) {
      // The same key was sent twice at once: the whole statement is undone, so the counter shows no gap.
      if (!isUniqueViolation(error, "messages_send_key_unique")) throw error;
      const winner = await findByKey(message);
      if (winner === undefined) throw error;
      return { message: winner, sent: "before" };
    }
  });
}

async function insertMessage(message: NewMessage): Promise<MessageRow | undefined> {
  const { sessionId, author, body, key } = message;
  const payload = formatAnnouncement({ kind: "message", sessionId });
  const { rows } = await sql<MessageRow>`
    with counted as (
      update sessions
      set last_message_id = last_message_id + 1, last_activity_at = clock_timestamp()
      where id = ${sessionId}
        and exists (select from members where session_id = ${sessionId} and account_id = ${author.id})
      returning last_message_id
    ), inserted as (
      insert into messages (session_id, id, account_id, body, send_key, created_at)
      select ${sessionId}, last_message_id, ${author.id}, ${body}, ${key}, clock_timestamp() from counted
      returning id, body, created_at
    )
    select id, body, created_at, pg_notify(${channel}, ${payload}) from inserted
  `.execute(database());
  return rows[0];
}

async function findByKey(message: NewMessage): Promise<Message | undefined> {
  const row = await database()
    .selectFrom("messages")
    .innerJoin("members", (join) =>
      join
        .onRef("members.session_id", "=", "messages.session_id")
        .onRef("members.account_id", "=", "messages.account_id"),
    )
    .select(["messages.id", "messages.body", "messages.created_at"])
    .where("messages.session_id", "=", message.sessionId)
    .where("messages.account_id", "=", message.author.id)
    .where("messages.send_key", "=", message.key)
    .executeTakeFirst();
  return row && toMessage(row, message);
}

function toMessage(row: MessageRow, { author, key }: NewMessage): Message {
  return {
    id: row.id,
    body: row.body,
    key,
    author: { id: author.id, name: author.name },
    createdAt: row.created_at.toISOString(),
  };
}

/** The id of the newest message, 0 without any. */
export async function readHead(sessionId: string): Promise<number> {
  const row = await retryOnce(() =>
    database()
      .selectFrom("sessions")
      .select("last_message_id")
      .where("id", "=", sessionId)
      .executeTakeFirst(),
  );
  return row?.last_message_id ?? 0;
}

/** The messages that follow an id, the oldest first. */
export async function listMessagesAfter(sessionId: string, after: number, limit: number): Promise<Message[]> {
  const rows = await retryOnce(() =>
    selectMessages(sessionId).where("messages.id", ">", after).orderBy("messages.id").limit(limit).execute(),
  );
  return rows.map(fromRow);
}

/** The newest messages before an id (or at all), the oldest first. */
export async function listMessagesBefore(
  sessionId: string,
  before: number | undefined,
  limit: number,
): Promise<Message[]> {
  const newest = selectMessages(sessionId).orderBy("messages.id", "desc").limit(limit);
  const query = before === undefined ? newest : newest.where("messages.id", "<", before);
  const rows = await retryOnce(() => query.execute());
  return rows.map(fromRow).reverse();
}

function selectMessages(sessionId: string) {
  return database()
    .selectFrom("messages")
    .innerJoin("accounts", "accounts.id", "messages.account_id")
    .select([
      "messages.id",
      "messages.body",
      "messages.send_key",
      "messages.created_at",
      "messages.account_id",
      "accounts.name",
    ])
    .where("messages.session_id", "=", sessionId);
}

type SelectedRow = MessageRow & { send_key: string; account_id: string; name: string };

function fromRow(row: SelectedRow): Message {
  const author = { id: row.account_id, name: row.name };
  return toMessage(row, { sessionId: "", author, body: row.body, key: row.send_key });
}
