import { randomBytes } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";

import { cookieLine, cookieName, readCookie } from "./cookie.ts";
import type { Problems } from "./input.ts";
import { sign, verifySigned } from "./signature.ts";

/** What a form that was refused shows again: the problems by field (or `form`), and what was typed. */
export interface Refusal {
  form: string;
  problems: Problems;
  /** Never passwords. */
  values: Record<string, string>;
}

interface StoredRefusal extends Refusal {
  id: string;
}

const PURPOSE = "refusal";
const LIFETIME_SECONDS = 300;
/** Browsers refuse cookies above 4096 bytes, name and attributes included. */
const MAX_VALUE_BYTES = 3600;
const MAX_INFLATED_BYTES = 64 * 1024;

/**
 * Keeps a refused form for the page that shows it again; gives the `Set-Cookie` line and the id that goes
 * into the page's address as `?refused=`, so that an older refusal is not shown on a fresh form.
 */
export function storeRefusal(refusal: Refusal, secure: boolean): { id: string; cookie: string } {
  const id = randomBytes(6).toString("base64url");
  let stored: StoredRefusal = { id, ...refusal };
  let value = encode(stored);
  while (value.length > MAX_VALUE_BYTES) {
    stored = { ...stored, values: halveLongest(stored.values) };
    value = encode(stored);
  }
  const cookie = cookieLine(cookieName(PURPOSE), value, { maxAgeSeconds: LIFETIME_SECONDS, secure });
  return { id, cookie };
}

/** The refusal of that form and id, from a `Cookie` header. */
export function readRefusal(cookieHeader: string | null, form: string, id: unknown): Refusal | undefined {
  const signed = readCookie(cookieHeader, cookieName(PURPOSE));
  const encoded = signed === undefined ? undefined : verifySigned(PURPOSE, signed);
  if (encoded === undefined) return undefined;
  const options = { maxOutputLength: MAX_INFLATED_BYTES };
  const text = inflateRawSync(Buffer.from(encoded, "base64url"), options).toString();
  const stored = JSON.parse(text) as StoredRefusal;
  return stored.id === id && stored.form === form ? stored : undefined;
}

function encode(stored: StoredRefusal): string {
  return sign(PURPOSE, deflateRawSync(JSON.stringify(stored)).toString("base64url"));
}

/** A text that does not fit into a cookie keeps its beginning. */
function halveLongest(values: Record<string, string>): Record<string, string> {
  const [longest] = Object.entries(values).sort(([, a], [, b]) => b.length - a.length);
  if (longest === undefined) throw new Error("a refusal without values does not fit into a cookie");
  return { ...values, [longest[0]]: longest[1].slice(0, Math.floor(longest[1].length / 2)) };
}
