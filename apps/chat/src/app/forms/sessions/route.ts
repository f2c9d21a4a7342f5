import { seeOther } from "../../../server/answers.ts";
import { formatWait, readForm, sendBack } from "../../../server/form.ts";
import { checkInput, type Problems, titleInput } from "../../../server/input.ts";
import { countHits, rateLimits } from "../../../server/rate-limit.ts";
import { memberFormRoute } from "../../../server/route.ts";
import { createSession } from "../../../server/sessions.ts";

/** Creates a session: `title`. */
export const POST = memberFormRoute(async ({ request, account }) => {
  const fields = await readForm(request);
  const refuse = (problems: Problems): Response =>
    sendBack(request, "/", { form: "create", problems, values: { title: fields["title"] ?? "" } });
  const input = checkInput(titleInput, fields);
  if (!input.ok) return refuse(input.problems);
  const wait = await countHits([{ limit: rateLimits.createSession, subject: account.id }]);
  if (wait !== undefined) return refuse({ title: `Too many sessions. Try again in ${formatWait(wait)}.` });
  const session = await createSession(account.id, input.values.title);
  return seeOther(`/sessions/${session.id}`);
});
