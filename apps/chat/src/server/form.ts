import { seeOther } from "./answers.ts";
import { readBody } from "./body.ts";
import { isSecure } from "./cookie.ts";
import { type Refusal, storeRefusal } from "./flash.ts";

export type FormFields = Record<string, string>;

/** The fields of a posted form, the first of each name; none when it is too long. */
export async function readForm(request: Request): Promise<FormFields> {
  const fields: FormFields = {};
  const body = (await readBody(request)) ?? "";
  for (const [name, value] of new URLSearchParams(body)) fields[name] ??= value;
  return fields;
}

/** Sends the browser back to the page of a refused form, which shows the problems and what was typed. */
export function sendBack(request: Request, path: string, refusal: Refusal): Response {
  const { id, cookie } = storeRefusal(refusal, isSecure(request));
  const [page = "/", query] = path.split("?");
  const search = new URLSearchParams(query);
  search.set("refused", id);
  return seeOther(`${page}?${search.toString()}`, [cookie]);
}

/** "10 seconds", "3 minutes": how long to wait, for people. */
export function formatWait(seconds: number): string {
  if (seconds < 90) return `${String(seconds)} ${seconds === 1 ? "second" : "seconds"}`;
  return `${String(Math.ceil(seconds / 60))} minutes`;
}
