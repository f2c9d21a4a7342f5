import { expect, test } from "vitest";

import { readRefusal, storeRefusal } from "./flash.ts";

const refusal = { form: "message", problems: { body: "Too many." }, values: { body: "Ahoy ⚓" } };

function stored(values: Record<string, string> = refusal.values): { id: string; header: string } {
  const { id, cookie } = storeRefusal({ ...refusal, values }, false);
  return { id, header: cookie.split(";")[0] ?? "" };
}

test("gives a refused form back to its page, once it names the refusal", () => {
  const { id, header } = stored();
  expect(readRefusal(header, "message", id)).toMatchObject(refusal);
  expect(readRefusal(header, "message", "another")).toBeUndefined();
  expect(readRefusal(header, "rename", id)).toBeUndefined();
  expect(readRefusal(null, "message", id)).toBeUndefined();
});

test("does not believe what it did not write", () => {
  const { id, header } = stored();
  expect(readRefusal(header.replace("=", "=A"), "message", id)).toBeUndefined();
});

test("keeps a whole message of words, and the beginning of one that no cookie can hold", () => {
  const words = "All hands to the east quay at noon. ".repeat(111);
  const whole = stored({ body: words });
  expect(readRefusal(whole.header, "message", whole.id)?.values["body"]).toBe(words);
  const noise = Array.from({ length: 4000 }, (_, index) =>
    String.fromCodePoint(0x4e00 + ((index * 7919) % 20_000)),
  );
  const cut = stored({ body: noise.join("") });
  expect(cut.header.length).toBeLessThan(4000);
  const kept = readRefusal(cut.header, "message", cut.id)?.values["body"] ?? "";
  expect(kept.length).toBeGreaterThan(100);
  expect(noise.join("").startsWith(kept)).toBe(true);
});
