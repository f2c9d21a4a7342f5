import { randomBytes } from "node:crypto";

import type { Account } from "./accounts.ts";
import { cookieLine, cookieName, readCookie } from "./cookie.ts";
import { database } from "./database.ts";
import { digest, sign, verifySigned } from "./signature.ts";
import { retryOnce } from "./unavailable.ts";

const LIFETIME_DAYS = 30;
const LIFETIME_SECONDS = LIFETIME_DAYS * 24 * 60 * 60;
const TOKEN_BYTES = 32;
const PURPOSE = "login";

/** Logs an account in and gives the `Set-Cookie` line; the database only keeps a digest of the token. */
export async function createLogin(accountId: string, secure: boolean): Promise<string> {
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  const now = new Date();
  await database().deleteFrom("logins").where("expires_at", "<", now).execute();
  await database()
    .insertInto("logins")
    .values({
      token_hash: digest(token),
      account_id: accountId,
      expires_at: new Date(now.getTime() + LIFETIME_SECONDS * 1000),
    })
    .execute();
  return cookieLine(loginCookie(), sign(PURPOSE, token), { maxAgeSeconds: LIFETIME_SECONDS, secure });
}

/** The account that is logged in with a `Cookie` header. */
export async function findLogin(cookieHeader: string | null): Promise<Account | undefined> {
  const token = tokenOf(cookieHeader);
  if (token === undefined) return undefined;
  return retryOnce(() =>
    database()
      .selectFrom("logins")
      .innerJoin("accounts", "accounts.id", "logins.account_id")
      .select(["accounts.id", "accounts.name", "accounts.email"])
      .where("logins.token_hash", "=", digest(token))
      .where("logins.expires_at", ">", new Date())
      .executeTakeFirst(),
  );
}

/** Ends the login of a `Cookie` header and gives the `Set-Cookie` line that removes it; idempotent. */
export async function deleteLogin(cookieHeader: string | null, secure: boolean): Promise<string> {
  const token = tokenOf(cookieHeader);
  if (token !== undefined) {
    await database().deleteFrom("logins").where("token_hash", "=", digest(token)).execute();
  }
  return cookieLine(loginCookie(), "", { maxAgeSeconds: 0, secure });
}

/** Tells, without the database, whether a `Cookie` header claims a login of ours. */
export function claimsLogin(cookieHeader: string | null): boolean {
  return tokenOf(cookieHeader) !== undefined;
}

function tokenOf(cookieHeader: string | null): string | undefined {
  const signed = readCookie(cookieHeader, loginCookie());
  return signed === undefined ? undefined : verifySigned(PURPOSE, signed);
}

function loginCookie(): string {
  return cookieName("login");
}
