import { seeOther } from "../../../../../server/answers.ts";
import { leaveSession } from "../../../../../server/memberships.ts";
import { memberFormRoute } from "../../../../../server/route.ts";
import { findSession } from "../../../../../server/sessions.ts";

/** Leaves a session that another account owns. */
export const POST = memberFormRoute(async ({ account, parameters }) => {
  const session = await findSession(account.id, parameters["id"] ?? "");
  if (session !== undefined) await leaveSession(account.id, session.id);
  return seeOther("/");
});
