import { expect, test } from "vitest";

import { json, plainPage, safePath, seeOther } from "./answers.ts";
import { readBody, readJson } from "./body.ts";
import { formatEvents } from "./event.ts";
import { formatWait } from "./form.ts";

test.each([
  ["/", "/"],
  ["/join/ab_c-9", "/join/ab_c-9"],
  ["//evil.test", "/"],
  ["/\\evil.test", "/"],
  ["https://evil.test", "/"],
  ["/\t/evil.test", "/"],
  ["javascript:alert(1)", "/"],
  [undefined, "/"],
  [["/join/a", "/b"], "/"],
])("%j leads to %s", (path, expected) => {
  expect(safePath(path)).toBe(expected);
});

test("no answer is kept by anybody", () => {
  for (const answer of [json({}), seeOther("/"), plainPage(503, { title: "t", text: "x" })]) {
    expect(answer.headers.get("cache-control")).toBe("no-store");
  }
});

test("a page that cannot be made now says when to come back", async () => {
  const page = plainPage(503, { title: "Later", text: "Wait." });
  expect([page.status, page.headers.get("retry-after")]).toEqual([503, "5"]);
  expect(await page.text()).toContain("<h1>Later</h1>");
});

test("reads a body up to its bound, and JSON only as such", async () => {
  const post = (body: string, type = "application/json"): Request =>
    new Request("http://a.test", { method: "POST", body, headers: { "content-type": type } });
  expect(await readBody(post("é".repeat(10)))).toBe("é".repeat(10));
  expect(await readBody(post("x".repeat(64 * 1024 + 1)))).toBeUndefined();
  expect(await readJson(post('{"a":1}'))).toEqual({ a: 1 });
  expect(await readJson(post("{"))).toBeUndefined();
  expect(await readJson(post('{"a":1}', "text/plain"))).toBeUndefined();
});

test("writes events as the standard has them, each on one line", () => {
  expect(formatEvents([{ event: "message", id: 7, data: { body: "a\nb" } }, { data: 1 }])).toBe(
    'event: message\nid: 7\ndata: {"body":"a\\nb"}\n\ndata: 1\n\n',
  );
});

test.each([
  [1, "1 second"],
  [45, "45 seconds"],
  [90, "2 minutes"],
  [600, "10 minutes"],
])("%i seconds are %s", (seconds, text) => {
  expect(formatWait(seconds)).toBe(text);
});
