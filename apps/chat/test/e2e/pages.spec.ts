import { expect, type Page, test } from "@playwright/test";

import { createSession, messages, send, signUp, untilLive } from "./people.ts";

/** What the browser complains about: errors, and violations of the Content-Security-Policy. */
function complaints(page: Page): string[] {
  const seen: string[] = [];
  page.on("pageerror", (error) => seen.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") seen.push(message.text());
  });
  return seen;
}

test("the footer says which version and commit answer", async ({ page }) => {
  for (const path of ["/", "/login", "/no-such-page"]) {
    await page.goto(path);
    await expect(page.getByRole("contentinfo")).toContainText("Quayside 9.8.7 · 0123456");
  }
  const health = await page.request.get("/api/health");
  expect(await health.json()).toMatchObject({
    status: "ok",
    release: "release-under-test",
    version: "9.8.7",
    commit: "0123456789abcdef",
  });
  expect((await page.request.get("/api/ready")).status()).toBe(200);
});

test("every page that can be reached without an account answers 200, and is never kept", async ({ page }) => {
  const waiting = ["/"];
  const seen = new Set<string>();
  while (waiting.length > 0) {
    const path = waiting.pop() ?? "/";
    if (seen.has(path)) continue;
    seen.add(path);
    const response = await page.goto(path);
    expect(response?.status(), path).toBe(200);
    expect(response?.headers()["cache-control"]).toContain("no-store");
    expect(response?.headers()["x-powered-by"]).toBeUndefined();
    const links = await page
      .locator("a[href^='/']")
      .evaluateAll((all) => all.map((a) => a.getAttribute("href")));
    waiting.push(...links.filter((href) => href !== null));
  }
  expect([...seen].sort()).toEqual([
    "/",
    "/about",
    "/login",
    "/login?next=%2F",
    "/signup",
    "/signup?next=%2F",
  ]);
});

test("the browser has nothing to complain about", async ({ page }) => {
  const seen = complaints(page);
  await page.goto("/");
  await page.goto("/signup");
  await signUp(page, "Mira");
  await createSession(page, "Quiet");
  await untilLive(page);
  await send(page, "Hello");
  await expect(messages(page, "Hello")).toHaveCount(1);
  await page.getByLabel("Settings and invitation").click();
  await expect(page.getByRole("heading", { name: "Invite" })).toBeVisible();
  expect(seen).toEqual([]);
});

test("a page that is not there is said so, in our own words", async ({ page }) => {
  const response = await page.goto("/no-such-page");
  expect(response?.status()).toBe(404);
  await expect(page.getByRole("heading", { name: "Nothing is moored here" })).toBeVisible();
  await page.goto("/signup");
  await signUp(page, "Mira");
  const stranger = await page.goto("/sessions/00000000-0000-4000-8000-000000000000");
  expect(stranger?.status()).toBe(404);
});

test("another site's form does nothing", async ({ page, browser }) => {
  await page.goto("/signup");
  await signUp(page, "Mira");
  const action = new URL("/forms/sessions", page.url()).href;
  const context = await browser.newContext({ storageState: await page.context().storageState() });
  const elsewhere = await context.newPage();
  await elsewhere.route("http://evil.test/", (route) =>
    route.fulfill({
      contentType: "text/html",
      body: `<form method="post" action="${action}">
        <input name="title" value="Planted"><button>Go</button></form>`,
    }),
  );
  await elsewhere.goto("http://evil.test/");
  const answer = elsewhere.waitForResponse(action);
  await elsewhere.getByRole("button").click();
  expect((await answer).status()).toBe(403);
  await context.close();
  await page.goto("/");
  await expect(page.getByText("No sessions yet.")).toBeVisible();
});

test("fits a phone", async ({ browser }) => {
  const context = await browser.newContext({
    viewport: { width: 360, height: 740 },
    isMobile: true,
    hasTouch: true,
  });
  const page = await context.newPage();
  const fits = (): Promise<boolean> =>
    page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
  await page.goto("/signup");
  expect(await fits()).toBe(true);
  await signUp(page, "Mira");
  await expect(page.getByRole("navigation", { name: "Your sessions" })).toBeVisible();
  await createSession(page, "A session with a name that is rather long for the width of a small phone");
  await expect(page.getByRole("navigation", { name: "Your sessions" })).toBeHidden();
  await send(page, `https://example.com/${"without-a-break".repeat(12)}`);
  await expect(messages(page, "without-a-break")).toHaveCount(1);
  await expect(page.getByRole("button", { name: "Send" })).toBeInViewport();
  expect(await fits()).toBe(true);
  await page.getByLabel("All sessions").click();
  await expect(page.getByRole("navigation", { name: "Your sessions" })).toBeVisible();
  await context.close();
});
