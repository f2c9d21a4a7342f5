import { jsonError } from "./answers.ts";
import type { ChatSession } from "./sessions.ts";

/** A session as programs get it. */
export function describeSession(session: ChatSession): Record<string, unknown> {
  const { id, title, lastMessageId, memberCount, inviteToken } = session;
  return { id, title, lastMessageId, memberCount, invitePath: `/join/${inviteToken}` };
}

export function sessionNotFound(): Response {
  return jsonError(404, { code: "not-found", message: "There is no such session among yours." });
}

export function tooMany(waitSeconds: number): Response {
  const message = `Too many at once. Try again in ${String(waitSeconds)} s.`;
  return jsonError(429, { code: "too-many", message }, { "retry-after": String(waitSeconds) });
}

/** Reads the id of a message (a whole number from 0); `undefined` for anything else. */
export function readMessageId(text: string | null): number | undefined {
  if (text === null || !/^\d{1,15}$/.test(text)) return undefined;
  return Number(text);
}
