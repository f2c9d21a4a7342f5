import { sql } from "kysely";

import { database } from "./database.ts";

/** The channel of LISTEN and NOTIFY on which every process hears of what the others wrote. */
export const channel = "quayside";

/** What happened: a new message, or a change of the session itself (title, members, end). */
export type AnnouncementKind = "message" | "session";

export interface Announcement {
  kind: AnnouncementKind;
  sessionId: string;
}

/** The payload of a notification. */
export function formatAnnouncement(announcement: Announcement): string {
  return `${announcement.kind}:${announcement.sessionId}`;
}

/** Reads a payload; `undefined` for one of another release's making. */
export function parseAnnouncement(payload: string): Announcement | undefined {
  const match = /^(message|session):([0-9a-f-]{36})$/.exec(payload);
  if (match === null) return undefined;
  return { kind: match[1] as AnnouncementKind, sessionId: match[2] ?? "" };
}

/** Tells every process of a change that is already committed. */
export async function announce(kind: AnnouncementKind, sessionId: string): Promise<void> {
  await sql`select pg_notify(${channel}, ${formatAnnouncement({ kind, sessionId })})`.execute(database());
}
