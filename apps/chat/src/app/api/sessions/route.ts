import { json, jsonError } from "../../../server/answers.ts";
import { describeSession, tooMany } from "../../../server/api.ts";
import { readJson } from "../../../server/body.ts";
import { checkInput, titleInput } from "../../../server/input.ts";
import { countHits, rateLimits } from "../../../server/rate-limit.ts";
import { apiRoute } from "../../../server/route.ts";
import { createSession, listSessions } from "../../../server/sessions.ts";

/** The sessions of the account, the most recently used first. */
export const GET = apiRoute(async ({ account }) => json({ sessions: await listSessions(account.id) }));

/** Creates a session: `{ title }`. */
export const POST = apiRoute(async ({ request, account }) => {
  const input = checkInput(titleInput, await readJson(request));
  if (!input.ok) {
    return jsonError(422, {
      code: "invalid",
      message: "The session was not created.",
      fields: input.problems,
    });
  }
  const wait = await countHits([{ limit: rateLimits.createSession, subject: account.id }]);
  if (wait !== undefined) return tooMany(wait);
  const session = await createSession(account.id, input.values.title);
  return json({ session: describeSession(session) }, 201, { location: `/api/sessions/${session.id}` });
});
