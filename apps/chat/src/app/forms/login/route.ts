import { findAccountByPassword } from "../../../server/accounts.ts";
import { safePath, seeOther } from "../../../server/answers.ts";
import { isSecure } from "../../../server/cookie.ts";
import { formatWait, readForm, sendBack } from "../../../server/form.ts";
import { checkInput, loginInput, type Problems } from "../../../server/input.ts";
import { createLogin } from "../../../server/logins.ts";
import { addressOf, countHits, rateLimits } from "../../../server/rate-limit.ts";
import { formRoute } from "../../../server/route.ts";

/** Logs in: `email`, `password`, and `next`, the path to go on to. */
export const POST = formRoute(async ({ request, log }) => {
  const fields = await readForm(request);
  const next = safePath(fields["next"]);
  const refuse = (problems: Problems): Response =>
    sendBack(request, `/login?next=${encodeURIComponent(next)}`, {
      form: "login",
      problems,
      values: { email: fields["email"] ?? "" },
    });
  const input = checkInput(loginInput, fields);
  if (!input.ok) return refuse(input.problems);
  const { email, password } = input.values;
  const address = addressOf(request);
  const wait = await countHits([
    { limit: rateLimits.loginOfAccountFromAddress, subject: `${email}\n${address}` },
    { limit: rateLimits.loginOfAccount, subject: email },
    { limit: rateLimits.loginFromAddress, subject: address },
  ]);
  if (wait !== undefined) {
    log.warn({ status: 429 }, "too many logins");
    return refuse({ form: `Too many attempts. Try again in ${formatWait(wait)}.` });
  }
  const account = await findAccountByPassword(email, password);
  if (account === undefined) return refuse({ form: "This address and password do not belong together." });
  return seeOther(next, [await createLogin(account.id, isSecure(request))]);
});
