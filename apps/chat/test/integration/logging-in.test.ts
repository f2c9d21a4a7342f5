import { randomUUID } from "node:crypto";

import { afterAll, expect, test } from "vitest";

import { GET as listSessions } from "../../src/app/api/sessions/route.ts";
import { POST as login } from "../../src/app/forms/login/route.ts";
import { POST as logout } from "../../src/app/forms/logout/route.ts";
import { POST as signup } from "../../src/app/forms/signup/route.ts";
import { makePerson } from "../../src/factories.ts";
import { closeDatabase, database } from "../../src/server/database.ts";
import { readRefusal } from "../../src/server/flash.ts";
import { call, cookiesOf } from "./requests.ts";

afterAll(closeDatabase);

const newcomer = () => ({ name: "Ada", email: `${randomUUID()}@example.com`, password: "correct horse" });

test("signing up logs in, with a cookie that scripts and other sites do not get", async () => {
  const response = await call(signup, { form: { ...newcomer(), next: "/join/abc" } });
  expect(response.status).toBe(303);
  expect(response.headers.get("location")).toBe("/join/abc");
  expect(response.headers.getSetCookie()[0]).toMatch(/; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
  expect((await call(listSessions, { cookie: cookiesOf(response) })).status).toBe(200);
});

test("the cookie is marked secure behind https", async () => {
  const response = await call(signup, { form: newcomer(), headers: { "x-forwarded-proto": "https" } });
  expect(response.headers.getSetCookie()[0]).toMatch(/; Secure$/);
});

test("the database holds neither the password nor the token", async () => {
  const form = newcomer();
  const cookie = cookiesOf(await call(signup, { form }));
  const account = await database()
    .selectFrom("accounts")
    .innerJoin("logins", "logins.account_id", "accounts.id")
    .select(["accounts.password_hash", "logins.token_hash"])
    .where("email", "=", form.email)
    .executeTakeFirstOrThrow();
  expect(account.password_hash).toMatch(/^\$scrypt\$ln=\d+,r=\d+,p=\d+\$/);
  const token = cookie.split("=")[1]?.split(".")[0] ?? "";
  expect(account.token_hash.includes(Buffer.from(token, "base64url"))).toBe(false);
});

test("an address has one account, whatever its case", async () => {
  const form = newcomer();
  await call(signup, { form });
  const again = await call(signup, { form: { ...form, email: form.email.toUpperCase() } });
  const refused = new URLSearchParams(again.headers.get("location")?.split("?")[1]).get("refused");
  const refusal = readRefusal(cookiesOf(again), "signup", refused);
  expect(refusal?.problems["email"]).toContain("already has an account");
  expect(refusal?.values).toEqual({ name: "Ada", email: form.email.toUpperCase() });
});

test("a refused form names every wrong field and never keeps the password", async () => {
  const form = { name: " ", email: "nobody", password: "short" };
  const response = await call(signup, { form });
  const location = response.headers.get("location") ?? "";
  const refusal = readRefusal(
    cookiesOf(response),
    "signup",
    new URLSearchParams(location.split("?")[1]).get("refused"),
  );
  expect(Object.keys(refusal?.problems ?? {})).toEqual(["name", "email", "password"]);
  expect(JSON.stringify(refusal)).not.toContain("short");
});

test("logging in needs the right password, and says the same for an unknown address", async () => {
  const person = await makePerson();
  const right = await call(login, { form: { email: person.email, password: person.password } });
  expect(cookiesOf(right)).toMatch(/^login_/);
  const problems = [];
  for (const email of [person.email, "nobody@example.com"]) {
    const wrong = await call(login, { form: { email, password: "not the password" } });
    const id = new URLSearchParams(wrong.headers.get("location")?.split("?")[1]).get("refused");
    problems.push(readRefusal(cookiesOf(wrong), "login", id)?.problems);
  }
  expect(problems[0]).toEqual({ form: expect.stringContaining("do not belong together") });
  expect(problems[1]).toEqual(problems[0]);
});

test("logging in is limited by account and address", async () => {
  const person = await makePerson();
  const attempt = (address: string, password: string): Promise<Response> =>
    call(login, { form: { email: person.email, password }, headers: { "x-forwarded-for": address } });
  for (let count = 0; count < 10; count += 1) await attempt("192.0.2.1", "not the password");
  const limited = await attempt("192.0.2.1", person.password);
  expect(cookiesOf(limited)).not.toContain("login_");
  const elsewhere = await attempt("192.0.2.2", person.password);
  expect(cookiesOf(elsewhere)).toContain("login_");
});

test("logging out ends the login for whoever has the cookie", async () => {
  const person = await makePerson();
  const response = await call(logout, { cookie: person.cookie, form: {} });
  expect(response.headers.getSetCookie()[0]).toContain("Max-Age=0");
  expect((await call(listSessions, { cookie: person.cookie })).status).toBe(401);
});

test("a login expires, and a forged one never was", async () => {
  const person = await makePerson();
  const [name = "", value = ""] = person.cookie.split("=");
  const forged = `${name}=${value.replace(/^./, (letter) => (letter === "A" ? "B" : "A"))}`;
  expect((await call(listSessions, { cookie: forged })).status).toBe(401);
  await database()
    .updateTable("logins")
    .set({ expires_at: new Date(Date.now() - 1000) })
    .where("account_id", "=", person.id)
    .execute();
  expect((await call(listSessions, { cookie: person.cookie })).status).toBe(401);
});

test.each([
  ["a page of another site", { "sec-fetch-site": "cross-site" }, 403],
  ["a page of a sibling domain", { "sec-fetch-site": "same-site" }, 403],
  ["this site's own page", { "sec-fetch-site": "same-origin", origin: "http://quayside.test" }, 303],
  ["a program", {}, 303],
])("takes or refuses a form from %s", async (_name, headers, status) => {
  const form = { email: "a@example.com", password: "not the password" };
  expect((await call(login, { form, headers })).status).toBe(status);
});
