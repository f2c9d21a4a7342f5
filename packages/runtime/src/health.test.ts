import { expect, test } from "vitest";

import { healthResponse, readyResponse } from "./health.ts";
import { releaseInformation } from "./release.ts";

const release = releaseInformation({ version: "1.2.3" }, { FAIRLEAD_RELEASE: "r1", FAIRLEAD_COMMIT: "abc" });

test("reads the release from the environment and falls back to development", () => {
  expect(release).toEqual({ release: "r1", version: "1.2.3", commit: "abc" });
  expect(releaseInformation({ version: "1.2.3" }, { FAIRLEAD_VERSION: "" })).toEqual({
    release: "development",
    version: "1.2.3",
    commit: "development",
  });
});

test("is alive with its release and is never cached", async () => {
  const response = healthResponse(release);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await response.json()).toMatchObject({
    status: "ok",
    release: "r1",
    uptimeSeconds: expect.any(Number),
  });
});

test("is ready when every check passes", async () => {
  const response = await readyResponse(
    release,
    { database: () => Promise.resolve(undefined) },
    { timeoutMs: 500 },
  );
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ checks: { database: "ok" }, reasons: [] });
});

test("names every reason, also of a check that throws or hangs", async () => {
  const checks = {
    database: () => Promise.reject(new Error("refused")),
    schema: () => Promise.resolve("behind"),
    queue: () => new Promise<undefined>(() => undefined),
  };
  const response = await readyResponse(release, checks, { timeoutMs: 20 });
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({
    reasons: ["database: refused", "schema: behind", "queue: no answer within 20 ms"],
  });
});
