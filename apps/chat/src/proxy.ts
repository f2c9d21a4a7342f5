import { randomBytes } from "node:crypto";

import { type NextRequest, NextResponse } from "next/server";

import { requestIdHeader, requestIdOf } from "@fairlead/runtime";

import { plainPage } from "./server/answers.ts";
import { contentSecurityPolicy } from "./server/content-security-policy.ts";
import { claimsLogin } from "./server/logins.ts";
import { isDatabaseReachable } from "./server/reachable.ts";
import { unavailableTexts } from "./server/unavailable-page.ts";

/** Gives each page its request id and its script nonce; says 503 where a page cannot be made now. */
export async function proxy(request: NextRequest): Promise<Response> {
  if (needsDatabase(request) && !(await isDatabaseReachable())) return plainPage(503, unavailableTexts);
  const nonce = randomBytes(16).toString("base64url");
  const policy = contentSecurityPolicy(nonce, { development: process.env.NODE_ENV === "development" });
  const requestId = requestIdOf(request.headers);
  const headers = new Headers(request.headers);
  headers.set(requestIdHeader, requestId);
  // Next.js takes the nonce for its own scripts from this header.
  headers.set("content-security-policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  response.headers.set(requestIdHeader, requestId);
  return response;
}

/** A page that fails half-way can no longer say so in its status, so this is asked before. */
function needsDatabase(request: NextRequest): boolean {
  const { pathname } = request.nextUrl;
  if (pathname === "/about") return false;
  return pathname.startsWith("/join/") || claimsLogin(request.headers.get("cookie"));
}

export const config = {
  // Pages only: route handlers answer for themselves, files need neither.
  matcher: ["/((?!api/|forms/|_next/|icon.svg|robots.txt).*)"],
};
