import { seeOther } from "../../../server/answers.ts";
import { isSecure } from "../../../server/cookie.ts";
import { deleteLogin } from "../../../server/logins.ts";
import { formRoute } from "../../../server/route.ts";

/** Logs out; the login is gone from the database too. */
export const POST = formRoute(async ({ request }) =>
  seeOther("/", [await deleteLogin(request.headers.get("cookie"), isSecure(request))]),
);
