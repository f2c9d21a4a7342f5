import { json, jsonError } from "../../../../../server/answers.ts";
import { readMessageId, sessionNotFound, tooMany } from "../../../../../server/api.ts";
import { readJson } from "../../../../../server/body.ts";
import { checkInput, messageInput } from "../../../../../server/input.ts";
import { listMessagesAfter, sendMessage } from "../../../../../server/messages.ts";
import { countHits, rateLimits } from "../../../../../server/rate-limit.ts";
import { apiRoute } from "../../../../../server/route.ts";
import { findSession } from "../../../../../server/sessions.ts";

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;

/** The messages behind `?after=` (or 0), the oldest first, at most `?limit=`; `head` is the newest id. */
export const GET = apiRoute(async ({ request, account, parameters }) => {
  const session = await findSession(account.id, parameters["id"] ?? "");
  if (session === undefined) return sessionNotFound();
  const query = new URL(request.url).searchParams;
  const after = readMessageId(query.get("after") ?? "0");
  const limit = readMessageId(query.get("limit") ?? String(DEFAULT_LIMIT));
  if (after === undefined || limit === undefined || limit < 1 || limit > MAX_LIMIT) {
    const message = `after is a message id, limit is between 1 and ${String(MAX_LIMIT)}.`;
    return jsonError(422, { code: "invalid", message });
  }
  const messages = await listMessagesAfter(session.id, after, limit);
  return json({ messages, head: Math.max(session.lastMessageId, messages.at(-1)?.id ?? 0) });
});

/** Sends a message: `{ body, key? }`, or the key as `Idempotency-Key`. 201 when new, 200 when sent before. */
export const POST = apiRoute(async ({ request, account, parameters }) => {
  const session = await findSession(account.id, parameters["id"] ?? "");
  if (session === undefined) return sessionNotFound();
  const key = request.headers.get("idempotency-key");
  const sent = await readJson(request);
  const given = typeof sent === "object" && sent !== null ? sent : {};
  const input = checkInput(messageInput, key === null ? given : { key, ...given });
  if (!input.ok) {
    return jsonError(422, { code: "invalid", message: "The message was not sent.", fields: input.problems });
  }
  const wait = await countHits([{ limit: rateLimits.sendMessage, subject: account.id }]);
  if (wait !== undefined) return tooMany(wait);
  const result = await sendMessage({ sessionId: session.id, author: account, ...input.values });
  if (result.sent === "not a member") return sessionNotFound();
  return json({ message: result.message }, result.sent === "now" ? 201 : 200);
});
