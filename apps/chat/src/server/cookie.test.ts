import { expect, test } from "vitest";

import { cookieLine, cookieName, isSecure, readCookie } from "./cookie.ts";
import { sign, verifySigned } from "./signature.ts";

test("a signed text is ours only as it was signed, and for its purpose", () => {
  const signed = sign("login", "token");
  expect(verifySigned("login", signed)).toBe("token");
  expect(verifySigned("refusal", signed)).toBeUndefined();
  expect(verifySigned("login", signed.replace("token", "taken"))).toBeUndefined();
  expect(verifySigned("login", `${signed}x`)).toBeUndefined();
  expect(verifySigned("login", "no signature")).toBeUndefined();
});

test("writes a cookie that it reads again among others", () => {
  const line = cookieLine("login", "a=b.c", { maxAgeSeconds: 60, secure: true });
  expect(line).toBe("login=a=b.c; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure");
  expect(readCookie("other=1; login=a=b.c", "login")).toBe("a=b.c");
  expect(readCookie("nologin=1", "login")).toBeUndefined();
  expect(readCookie(null, "login")).toBeUndefined();
});

test("the name of a cookie is of its environment, and one that cookies may have", () => {
  expect(cookieName("login")).toMatch(/^login_[\w-]{8}$/);
  expect(cookieName("login")).toBe(cookieName("login"));
});

test.each([
  ["https://a.test/", {}, true],
  ["http://a.test/", {}, false],
  ["http://a.test/", { "x-forwarded-proto": "https" }, true],
  ["http://a.test/", { "x-forwarded-proto": "https, http" }, true],
  ["https://a.test/", { "x-forwarded-proto": "http" }, false],
])("%s with %j is secure: %s", (url, headers, expected) => {
  expect(isSecure(new Request(url, { headers }))).toBe(expected);
});
