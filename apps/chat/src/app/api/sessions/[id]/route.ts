import { json } from "../../../../server/answers.ts";
import { describeSession, sessionNotFound } from "../../../../server/api.ts";
import { apiRoute } from "../../../../server/route.ts";
import { findSession } from "../../../../server/sessions.ts";

/** One session of the account. */
export const GET = apiRoute(async ({ account, parameters }) => {
  const session = await findSession(account.id, parameters["id"] ?? "");
  return session === undefined ? sessionNotFound() : json({ session: describeSession(session) });
});
