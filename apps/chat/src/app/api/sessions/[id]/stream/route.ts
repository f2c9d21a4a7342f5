import { jsonError } from "../../../../../server/answers.ts";
import { readMessageId, sessionNotFound } from "../../../../../server/api.ts";
import { findLogin } from "../../../../../server/logins.ts";
import { openMessageStream } from "../../../../../server/message-stream.ts";
import { apiRoute } from "../../../../../server/route.ts";
import { findSession } from "../../../../../server/sessions.ts";

export const dynamic = "force-dynamic";

/** Live messages as an event stream, from behind `Last-Event-ID`, else `?after=`, else the newest message. */
export const GET = apiRoute(async ({ request, account, parameters }) => {
  const session = await findSession(account.id, parameters["id"] ?? "");
  if (session === undefined) return sessionNotFound();
  const given = request.headers.get("last-event-id") ?? new URL(request.url).searchParams.get("after");
  const after = given === null ? session.lastMessageId : readMessageId(given);
  if (after === undefined) return jsonError(422, { code: "invalid", message: "after is a message id." });
  const stream = await openMessageStream({
    sessionId: session.id,
    after,
    signal: request.signal,
    async authorize() {
      const reader = await findLogin(request.headers.get("cookie"));
      return reader && findSession(reader.id, session.id);
    },
  });
  return new Response(stream, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      // `no-transform` also keeps compression away, which would hold events back.
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
      // Whoever comes again takes a new connection, and so reaches the release that serves by then.
      connection: "close",
    },
  });
});
