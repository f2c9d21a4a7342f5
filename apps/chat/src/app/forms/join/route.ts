import { seeOther } from "../../../server/answers.ts";
import { formatWait, readForm, sendBack } from "../../../server/form.ts";
import { joinSession } from "../../../server/memberships.ts";
import { countHits, rateLimits } from "../../../server/rate-limit.ts";
import { memberFormRoute } from "../../../server/route.ts";

/** Joins the session behind a link: `token`. */
export const POST = memberFormRoute(async ({ request, account }) => {
  const { token = "" } = await readForm(request);
  const page = `/join/${encodeURIComponent(token)}`;
  const wait = await countHits([{ limit: rateLimits.joinSession, subject: account.id }]);
  if (wait !== undefined) {
    const problems = { form: `Too many attempts. Try again in ${formatWait(wait)}.` };
    return sendBack(request, page, { form: "join", problems, values: {} });
  }
  const sessionId = await joinSession(account.id, token);
  return seeOther(sessionId === undefined ? page : `/sessions/${sessionId}`);
});
