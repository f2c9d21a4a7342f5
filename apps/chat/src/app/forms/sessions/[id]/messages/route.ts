import { seeOther } from "../../../../../server/answers.ts";
import { formatWait, readForm, sendBack } from "../../../../../server/form.ts";
import { checkInput, messageInput, type Problems } from "../../../../../server/input.ts";
import { sendMessage } from "../../../../../server/messages.ts";
import { countHits, rateLimits } from "../../../../../server/rate-limit.ts";
import { memberFormRoute } from "../../../../../server/route.ts";
import { findSession } from "../../../../../server/sessions.ts";

/** Sends a message without JavaScript: `body`, and `key`, which makes a second click harmless. */
export const POST = memberFormRoute(async ({ request, account, parameters }) => {
  const session = await findSession(account.id, parameters["id"] ?? "");
  if (session === undefined) return seeOther("/");
  const page = `/sessions/${session.id}`;
  const fields = await readForm(request);
  const refuse = (problems: Problems): Response =>
    sendBack(request, page, { form: "message", problems, values: { body: fields["body"] ?? "" } });
  const input = checkInput(messageInput, fields);
  if (!input.ok) return refuse(input.problems);
  const wait = await countHits([{ limit: rateLimits.sendMessage, subject: account.id }]);
  if (wait !== undefined) return refuse({ body: `Too many messages. Try again in ${formatWait(wait)}.` });
  const result = await sendMessage({ sessionId: session.id, author: account, ...input.values });
  return seeOther(result.sent === "not a member" ? "/" : page);
});
