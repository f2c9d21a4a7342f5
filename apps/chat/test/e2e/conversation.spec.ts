import { expect, test } from "@playwright/test";

import { createSession, messages, readInvitation, send, signUp, untilLive } from "./people.ts";

test("two people talk live, the owner renames and deletes, and logs out", async ({ page, browser }) => {
  await page.goto("/");
  await page.getByRole("link", { name: "Create an account" }).click();
  const account = await signUp(page, "Mira Holt");
  await expect(page.getByRole("heading", { name: "Good to see you, Mira Holt." })).toBeVisible();
  await createSession(page, "Harbour festival");
  await untilLive(page);
  await send(page, "Is anybody there?");
  await expect(messages(page, "Is anybody there?")).toHaveCount(1);

  const invitation = await readInvitation(page);
  const others = await browser.newContext();
  const other = await others.newPage();
  await other.goto(invitation);
  await other.getByRole("link", { name: "Sign up to join" }).click();
  await signUp(other, "Tom Brandt");
  await other.getByRole("button", { name: "Join the session" }).click();
  await expect(messages(other, "Is anybody there?")).toHaveCount(1);
  await untilLive(other);
  await untilLive(page);
  await expect(page.getByText("2 members")).toBeVisible();

  await send(other, "Yes, on the east quay.");
  await expect(messages(page, "Yes, on the east quay.")).toHaveCount(1);
  await expect(page.getByRole("navigation", { name: "Your sessions" })).toContainText(
    "Tom Brandt: Yes, on the",
  );
  await page.getByLabel("Message", { exact: true }).fill("First line");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("second line");
  await page.keyboard.press("Enter");
  await expect(messages(other, "First line\nsecond line")).toHaveCount(1);

  await page.getByLabel("Settings and invitation").click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Harbour festival 2027");
  await page.getByRole("button", { name: "Rename" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Harbour festival 2027" })).toBeVisible();
  await expect(other.getByRole("heading", { level: 1, name: "Harbour festival 2027" })).toBeVisible();

  await page.getByLabel("Settings and invitation").click();
  await page.getByRole("checkbox").check();
  await page.getByRole("button", { name: "Delete session" }).click();
  await expect(page.getByText("No sessions yet.")).toBeVisible();
  await expect(other.getByText("This session was deleted")).toBeVisible();
  await others.close();

  await page.getByRole("button", { name: "Log out" }).click();
  await expect(page.getByRole("link", { name: "Create an account" })).toBeVisible();
  await page.goto("/login");
  await page.getByLabel("E-mail").fill(account.email);
  await page.getByLabel("Password").fill(account.password);
  await page.getByRole("main").getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("heading", { name: "Good to see you, Mira Holt." })).toBeVisible();
});

test("a long session shows its newest messages, and earlier ones page by page", async ({ page }) => {
  await page.goto("/signup");
  await signUp(page, "Mira");
  await createSession(page, "Long");
  const path = new URL(page.url()).pathname;
  for (let count = 1; count <= 70; count += 1) {
    const data = { body: `Number ${String(count)}.` };
    const response = await page.request.post(`/api${path}/messages`, { data });
    expect(response.status()).toBe(201);
  }
  await page.reload();
  await expect(messages(page, "Number 70.")).toBeInViewport();
  await untilLive(page);
  await messages(page, "Number 20.").scrollIntoViewIfNeeded();
  await expect(messages(page, "Number 70.")).not.toBeInViewport();
  await page.getByLabel("Go to the newest message").click();
  await expect(messages(page, "Number 70.")).toBeInViewport();
  await expect(page.getByLabel("Go to the newest message")).toHaveCount(0);
  await expect(messages(page, "Number 10.")).toHaveCount(0);
  await page.getByRole("link", { name: "Earlier messages" }).click();
  await expect(messages(page, "Number 10.")).toHaveCount(1);
  await expect(page.getByRole("link", { name: "Earlier messages" })).toHaveCount(0);
  await page.getByRole("link", { name: "Go to the latest messages" }).click();
  await expect(messages(page, "Number 70.")).toBeInViewport();
});
