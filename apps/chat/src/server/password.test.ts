import { expect, test } from "vitest";

import { hashPassword, TooManyPasswordsError, verifyPassword } from "./password.ts";

test("accepts the password and no other, with the cost that the hash names", async () => {
  const hash = await hashPassword("correct horse");
  expect(hash).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[\w-]{22}\$[\w-]{43}$/);
  expect(await verifyPassword("correct horse", hash)).toBe(true);
  expect(await verifyPassword("correct horsf", hash)).toBe(false);
  expect(await hashPassword("correct horse")).not.toBe(hash);
});

test("still knows hashes of another cost, and the same letters written another way", async () => {
  const old = "$scrypt$ln=4,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$";
  const { scryptSync } = await import("node:crypto");
  const salt = Buffer.from("c2FsdHNhbHRzYWx0c2FsdA", "base64url");
  const key = scryptSync("caf\u00e9", salt, 32, { N: 16, r: 8, p: 1 }).toString("base64url");
  expect(await verifyPassword("cafe\u0301", old + key)).toBe(true);
});

test("says no to an unknown account and to a broken hash", async () => {
  expect(await verifyPassword("anything", undefined)).toBe(false);
  expect(await verifyPassword("anything", "plain text")).toBe(false);
});

test("refuses to queue without bound", async () => {
  const cheap = `$scrypt$ln=4,r=8,p=1$c2FsdA$${"A".repeat(43)}`;
  const results = await Promise.allSettled(Array.from({ length: 60 }, () => verifyPassword("x", cheap)));
  const refused = results.filter(({ status }) => status === "rejected");
  expect(refused).toHaveLength(18);
  expect((refused[0] as PromiseRejectedResult).reason).toBeInstanceOf(TooManyPasswordsError);
  expect(await verifyPassword("x", cheap)).toBe(false);
});
