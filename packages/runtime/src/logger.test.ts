import { expect, test } from "vitest";

import { createLogger } from "./logger.ts";
import { requestIdOf } from "./request-id.ts";

const release = { release: "r1", version: "1.0.0", commit: "abc" };

test("prints JSON lines with level, release and request, and no secrets", () => {
  const lines: string[] = [];
  const logger = createLogger({ level: "info", release, destination: { write: (line) => lines.push(line) } });
  logger.debug("not printed");
  logger
    .child({ requestId: "12345678" })
    .warn({ account: { password: "hunter2" }, token: "t0ken" }, "refused");
  expect(lines).toHaveLength(1);
  const line = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
  expect(line).toMatchObject({ level: "warn", release: "r1", requestId: "12345678", msg: "refused" });
  expect(lines[0]).not.toMatch(/hunter2|t0ken/);
});

test("keeps a harmless request id and replaces any other", () => {
  expect(requestIdOf(new Headers({ "x-request-id": "abc-123-def" }))).toBe("abc-123-def");
  expect(requestIdOf(new Headers({ "x-request-id": 'x"} evil' }))).toMatch(/^[0-9a-f-]{36}$/);
  expect(requestIdOf(new Headers())).toMatch(/^[0-9a-f-]{36}$/);
});
