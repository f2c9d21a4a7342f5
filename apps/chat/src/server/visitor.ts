import { cookies, headers } from "next/headers";
import { cache } from "react";

import type { Account } from "./accounts.ts";
import { readRefusal, type Refusal } from "./flash.ts";
import { findLogin } from "./logins.ts";

export type Search = Promise<Record<string, string | string[] | undefined>>;

/** The account of the page's visitor; asked once per request. */
export const currentAccount = cache(async (): Promise<Account | undefined> => {
  return findLogin((await headers()).get("cookie"));
});

/** What the page shows again of its form that was just refused. */
export async function refusalOf(form: string, search: Search): Promise<Refusal | undefined> {
  const { refused } = await search;
  // Reading the cookies also tells Next.js that this page is made for one visitor.
  const jar = await cookies();
  return refused === undefined ? undefined : readRefusal(jar.toString(), form, refused);
}
