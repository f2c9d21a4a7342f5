import { createHash, createHmac, timingSafeEqual } from "node:crypto";

import { environment } from "./environment.ts";

/** Signs a text for one purpose: `text.signature`. */
export function sign(purpose: string, text: string): string {
  return `${text}.${signature(purpose, text)}`;
}

/** The text of a signed value; `undefined` where the signature is not ours. Compares in constant time. */
export function verifySigned(purpose: string, signed: string): string | undefined {
  const dot = signed.lastIndexOf(".");
  if (dot < 1) return undefined;
  const text = signed.slice(0, dot);
  const given = Buffer.from(signed.slice(dot + 1));
  const expected = Buffer.from(signature(purpose, text));
  return given.length === expected.length && timingSafeEqual(given, expected) ? text : undefined;
}

/** A digest for storing what must not be stored itself. */
export function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function signature(purpose: string, text: string): string {
  return createHmac("sha256", environment.values().SESSION_SECRET)
    .update(`${purpose}\n${text}`)
    .digest("base64url");
}
