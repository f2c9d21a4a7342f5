import { expect, test } from "@playwright/test";

import { createSession, messages, readInvitation, send, signUp } from "./people.ts";

test.use({ javaScriptEnabled: false });

test("everything works without JavaScript", async ({ page, browser }) => {
  await page.goto("/signup");
  await signUp(page, "Mira");
  await createSession(page, "Plain");
  await send(page, "Sent by a form");
  await expect(messages(page, "Sent by a form")).toHaveCount(1);
  const invitation = await readInvitation(page);

  const others = await browser.newContext({ javaScriptEnabled: false });
  const other = await others.newPage();
  await other.goto(invitation);
  await other.getByRole("link", { name: "Sign up to join" }).click();
  await signUp(other, "Tom");
  await other.getByRole("button", { name: "Join the session" }).click();
  await send(other, "Read by reloading");
  await others.close();
  await page.getByRole("link", { name: "reload" }).click();
  await expect(messages(page, "Read by reloading")).toHaveCount(1);

  await page.getByLabel("Settings and invitation").click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Plainer");
  await page.getByRole("button", { name: "Rename" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Plainer" })).toBeVisible();
  await page.getByLabel("Settings and invitation").click();
  await page.getByRole("checkbox").check();
  await page.getByRole("button", { name: "Delete session" }).click();
  await expect(page.getByText("No sessions yet.")).toBeVisible();
  await page.getByRole("button", { name: "Log out" }).click();
  await expect(page.getByRole("link", { name: "Create an account" })).toBeVisible();
});

test("a refused form comes back with what was typed and what is wrong", async ({ page }) => {
  await page.goto("/login");
  await page.getByLabel("E-mail").fill("nobody@example.com");
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("main").getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("alert")).toContainText("do not belong together");
  await expect(page.getByLabel("E-mail")).toHaveValue("nobody@example.com");
  await expect(page.getByLabel("Password")).toHaveValue("");
  await page.goto("/login");
  await expect(page.getByRole("alert")).toHaveCount(0);
});

test("a form sent twice by the back button is one message", async ({ page }) => {
  await page.goto("/signup");
  await signUp(page, "Mira");
  await createSession(page, "Twice");
  const key = await page.locator("input[name=key]").inputValue();
  await send(page, "Only once");
  await expect(messages(page, "Only once")).toHaveCount(1);
  const form = { key, body: "Only once" };
  await page.request.post(`/forms${new URL(page.url()).pathname}/messages`, { form });
  await page.reload();
  await expect(messages(page, "Only once")).toHaveCount(1);
});
