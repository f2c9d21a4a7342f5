import { type Logger, requestIdHeader, requestIdOf } from "@fairlead/runtime";

import type { Account } from "./accounts.ts";
import { jsonError, plainPage, seeOther } from "./answers.ts";
import { logger } from "./logger.ts";
import { findLogin } from "./logins.ts";
import { TooManyPasswordsError } from "./password.ts";
import { isForeign } from "./same-origin.ts";
import { unavailableTexts } from "./unavailable-page.ts";
import { isDatabaseUnavailable } from "./unavailable.ts";

export type Parameters = Record<string, string>;

/** What a route handler gets beside the request. */
export interface RouteCall {
  request: Request;
  /** Parts of the path. */
  parameters: Parameters;
  log: Logger;
}

export interface MemberCall extends RouteCall {
  account: Account;
}

type RouteHandler = (request: Request, context: { params: Promise<Parameters> }) => Promise<Response>;

/** Who reads the answers: a program reads JSON, a browser that sent a form reads pages. */
type Audience = "program" | "browser";

const MUTATING = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/** A route of the JSON API for accounts that are logged in. */
export function apiRoute(handle: (call: MemberCall) => Promise<Response>): RouteHandler {
  return route("program", async (call) => {
    const account = await findLogin(call.request.headers.get("cookie"));
    if (account === undefined) {
      return jsonError(401, { code: "not-logged-in", message: "Log in first." });
    }
    return handle({ ...call, account });
  });
}

/** A route that takes a form of anybody. */
export function formRoute(handle: (call: RouteCall) => Promise<Response>): RouteHandler {
  return route("browser", handle);
}

/** A route that takes a form of an account that is logged in. */
export function memberFormRoute(handle: (call: MemberCall) => Promise<Response>): RouteHandler {
  return route("browser", async (call) => {
    const account = await findLogin(call.request.headers.get("cookie"));
    return account === undefined ? seeOther("/login") : handle({ ...call, account });
  });
}

function route(audience: Audience, handle: (call: RouteCall) => Promise<Response>): RouteHandler {
  return async (request, context) => {
    const requestId = requestIdOf(request.headers);
    const log = logger().child({ requestId });
    const answer = await answerSafely(audience, request, log, async () =>
      handle({ request, parameters: await context.params, log }),
    );
    answer.headers.set(requestIdHeader, requestId);
    return answer;
  };
}

async function answerSafely(
  audience: Audience,
  request: Request,
  log: Logger,
  handle: () => Promise<Response>,
): Promise<Response> {
  if (MUTATING.has(request.method) && isForeign(request)) return refuseForeign(audience);
  try {
    return await handle();
  } catch (error) {
    const path = new URL(request.url).pathname;
    if (isDatabaseUnavailable(error) || error instanceof TooManyPasswordsError) {
      log.warn({ err: error, path, status: 503 }, "the request cannot be answered now");
      return refuseForNow(audience);
    }
    log.error({ err: error, path, status: 500 }, "the request failed");
    return fail(audience);
  }
}

function refuseForeign(audience: Audience): Response {
  const message = "This request came from another site.";
  if (audience === "program") return jsonError(403, { code: "foreign-origin", message });
  return plainPage(403, { title: "Not from here", text: `${message} Open Quayside itself and try again.` });
}

function refuseForNow(audience: Audience): Response {
  if (audience === "browser") return plainPage(503, unavailableTexts);
  const error = { code: "unavailable", message: "Try again in a moment." };
  return jsonError(503, error, { "retry-after": "1" });
}

function fail(audience: Audience): Response {
  const message = "Something went wrong on our side.";
  if (audience === "program") return jsonError(500, { code: "internal", message });
  return plainPage(500, { title: "That did not work", text: `${message} Go back and try again.` });
}
