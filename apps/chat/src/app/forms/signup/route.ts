import { createAccount } from "../../../server/accounts.ts";
import { safePath, seeOther } from "../../../server/answers.ts";
import { isSecure } from "../../../server/cookie.ts";
import { formatWait, readForm, sendBack } from "../../../server/form.ts";
import { checkInput, type Problems, signupInput } from "../../../server/input.ts";
import { createLogin } from "../../../server/logins.ts";
import { addressOf, countHits, rateLimits } from "../../../server/rate-limit.ts";
import { formRoute } from "../../../server/route.ts";

/** Signs up and logs in: `name`, `email`, `password`, and `next`, the path to go on to. */
export const POST = formRoute(async ({ request }) => {
  const fields = await readForm(request);
  const next = safePath(fields["next"]);
  const refuse = (problems: Problems): Response =>
    sendBack(request, `/signup?next=${encodeURIComponent(next)}`, {
      form: "signup",
      problems,
      values: { name: fields["name"] ?? "", email: fields["email"] ?? "" },
    });
  const input = checkInput(signupInput, fields);
  if (!input.ok) return refuse(input.problems);
  const wait = await countHits([{ limit: rateLimits.signupFromAddress, subject: addressOf(request) }]);
  if (wait !== undefined) {
    return refuse({ form: `Too many accounts from here. Try again in ${formatWait(wait)}.` });
  }
  const account = await createAccount(input.values);
  if (account === undefined) return refuse({ email: "This address already has an account. Log in instead?" });
  return seeOther(next, [await createLogin(account.id, isSecure(request))]);
});
