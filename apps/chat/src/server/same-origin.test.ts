import { expect, test } from "vitest";

import { isForeign } from "./same-origin.ts";

test.each([
  [{ "sec-fetch-site": "same-origin" }, false],
  [{ "sec-fetch-site": "none" }, false],
  [{ "sec-fetch-site": "same-site" }, true],
  [{ "sec-fetch-site": "cross-site" }, true],
  [{ "sec-fetch-site": "cross-site", origin: "https://chat.test" }, true],
  [{ origin: "https://chat.test" }, false],
  [{ origin: "https://chat.test:8443" }, true],
  [{ origin: "https://evil.test" }, true],
  [{ origin: "null" }, true],
  [{ origin: "https://public.test", "x-forwarded-host": "public.test" }, false],
  [{}, false],
])("%j is foreign: %s", (headers, expected) => {
  const request = new Request("https://chat.test/", {
    method: "POST",
    headers: { host: "chat.test", ...headers },
  });
  expect(isForeign(request)).toBe(expected);
});
