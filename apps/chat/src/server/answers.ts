import type { Problems } from "./input.ts";
import { unavailablePage } from "./unavailable-page.ts";

const NO_STORE = { "cache-control": "no-store" };

export interface ApiError {
  code: string;
  message: string;
  fields?: Problems;
}

/** A JSON answer that nobody may keep. */
export function json(body: unknown, status = 200, headers: HeadersInit = {}): Response {
  const answer = Response.json(body, { status, headers });
  answer.headers.set("cache-control", "no-store");
  return answer;
}

/** A refusal for programs: `{ error: { code, message, fields? } }`. */
export function jsonError(status: number, error: ApiError, headers: HeadersInit = {}): Response {
  return json({ error }, status, headers);
}

/** Sends a browser on after a form; the path stays on this site. */
export function seeOther(path: string, cookies: readonly string[] = []): Response {
  const headers = new Headers({ ...NO_STORE, location: path });
  for (const cookie of cookies) headers.append("set-cookie", cookie);
  return new Response(null, { status: 303, headers });
}

/** A whole page that needs neither the database nor React. */
export function plainPage(status: number, page: { title: string; text: string }): Response {
  const headers: Record<string, string> = {
    ...NO_STORE,
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  };
  if (status === 503 || status === 429) headers["retry-after"] = "5";
  return new Response(unavailablePage(page), { status, headers });
}

/** A path of this site to go on to, from what a visitor brought along; `/` for anything else. */
export function safePath(path: unknown): string {
  if (typeof path !== "string" || !/^\/(?![/\\])[\w./~-]*$/.test(path)) return "/";
  return path;
}
