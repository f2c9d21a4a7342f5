import { database } from "./database.ts";
import { hashPassword, verifyPassword } from "./password.ts";
import { isUniqueViolation } from "./unique-violation.ts";

export interface Account {
  id: string;
  name: string;
  email: string;
}

export interface NewAccount {
  name: string;
  email: string;
  password: string;
}

/** Creates an account; `undefined` when the address already has one. */
export async function createAccount(account: NewAccount): Promise<Account | undefined> {
  const password_hash = await hashPassword(account.password);
  try {
    return await database()
      .insertInto("accounts")
      .values({ name: account.name, email: account.email, password_hash })
      .returning(["id", "name", "email"])
      .executeTakeFirstOrThrow();
  } catch (error) {
    if (isUniqueViolation(error, "accounts_email_unique")) return undefined;
    throw error;
  }
}

/** The account with that address and password, if there is one; takes as long when there is none. */
export async function findAccountByPassword(email: string, password: string): Promise<Account | undefined> {
  const row = await database()
    .selectFrom("accounts")
    .select(["id", "name", "email", "password_hash"])
    .where("email", "=", email)
    .executeTakeFirst();
  const right = await verifyPassword(password, row?.password_hash);
  if (row === undefined || !right) return undefined;
  return { id: row.id, name: row.name, email: row.email };
}
