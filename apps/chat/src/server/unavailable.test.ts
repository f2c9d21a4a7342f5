import { expect, test } from "vitest";

import { isDatabaseUnavailable, retryOnce, UnreachableError } from "./unavailable.ts";

const withCode = (code: string): Error => Object.assign(new Error("failed"), { code });

test.each([
  [withCode("ECONNREFUSED"), true],
  [withCode("57P01"), true],
  [new Error("Connection terminated unexpectedly"), true],
  [new AggregateError([withCode("ECONNREFUSED")]), true],
  [new Error("wrapped", { cause: withCode("57P03") }), true],
  [new UnreachableError("away"), true],
  [withCode("23505"), false],
  [withCode("42P01"), false],
  [new TypeError("a bug"), false],
  ["text", false],
])("%s means that the database is away: %s", (error, expected) => {
  expect(isDatabaseUnavailable(error)).toBe(expected);
});

test("repeats what broke with the connection, once, and nothing else", async () => {
  const failing = (error: Error, times: number): { calls: number; run: () => Promise<string> } => {
    const state = {
      calls: 0,
      run: () => {
        state.calls += 1;
        return state.calls <= times ? Promise.reject(error) : Promise.resolve("done");
      },
    };
    return state;
  };
  const once = failing(withCode("57P01"), 1);
  expect(await retryOnce(once.run)).toBe("done");
  const twice = failing(withCode("57P01"), 2);
  await expect(retryOnce(twice.run)).rejects.toThrow("failed");
  expect(twice.calls).toBe(2);
  // Connecting was already waited for: doing it again would double the wait.
  for (const error of [new UnreachableError("away"), withCode("23505")]) {
    const never = failing(error, 9);
    await expect(retryOnce(never.run)).rejects.toBe(error);
    expect(never.calls).toBe(1);
  }
});
