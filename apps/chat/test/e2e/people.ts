import { randomBytes } from "node:crypto";

import { expect, type Locator, type Page } from "@playwright/test";

const PASSWORD = "a long password";

/** Signs somebody up under an address of their own, from the page that is open. */
export async function signUp(page: Page, name: string): Promise<{ email: string; password: string }> {
  const email = `${randomBytes(6).toString("hex")}@example.com`;
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("main").getByRole("button", { name: "Sign up" }).click();
  return { email, password: PASSWORD };
}

/** Creates a session and waits for its page. */
export async function createSession(page: Page, title: string): Promise<void> {
  await page.getByLabel("Name of the new session").fill(title);
  await page.getByRole("button", { name: "Create session" }).click();
  await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
}

/** Waits until messages arrive by themselves. */
export async function untilLive(page: Page): Promise<void> {
  await expect(page.getByRole("status").filter({ hasText: "Live" })).toBeVisible();
}

export async function send(page: Page, text: string): Promise<void> {
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.getByRole("button", { name: "Send" }).click();
}

/** The messages with that text which the server has. */
export function messages(page: Page, text: string): Locator {
  return page.locator("[data-message]").filter({ hasText: text });
}

/** The address of the invitation of the session that is open. */
export async function readInvitation(page: Page): Promise<string> {
  await page.getByLabel("Settings and invitation").click();
  const link = await page.getByLabel("Invitation link").inputValue();
  await page.getByLabel("Back to the session").click();
  return link;
}
