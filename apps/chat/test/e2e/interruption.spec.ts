import { expect, test } from "@playwright/test";

import { freePort } from "../postgres.ts";
import { createSession, messages, send, signUp, untilLive } from "./people.ts";
import { startServer } from "./server.ts";

test("a page outlives its server: what was sent meanwhile arrives once, and it is live again", async ({
  page,
  baseURL,
}) => {
  const databaseUrl = process.env["QUAYSIDE_DATABASE_URL"] ?? "";
  const port = await freePort();
  let server = await startServer(port, databaseUrl);
  await page.goto(`${server.url}/signup`);
  await signUp(page, "Mira");
  await createSession(page, "Across a crash");
  await untilLive(page);
  await send(page, "Before");
  await expect(messages(page, "Before")).toHaveCount(1);

  await server.kill();
  await expect(page.getByRole("status").filter({ hasText: "Reconnecting" })).toBeVisible();
  await send(page, "During");
  await expect(page.getByText("sending…")).toBeVisible();
  // Another release goes on serving the same session meanwhile.
  const elsewhere = await page.request.post(`${baseURL ?? ""}/api${new URL(page.url()).pathname}/messages`, {
    data: { body: "From elsewhere" },
    headers: {
      cookie: (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; "),
    },
  });
  expect(elsewhere.status()).toBe(201);

  server = await startServer(port, databaseUrl);
  await untilLive(page);
  await send(page, "After");
  for (const text of ["Before", "During", "From elsewhere", "After"]) {
    await expect(messages(page, text)).toHaveCount(1);
  }
  await expect(page.getByText("sending…")).toHaveCount(0);
  await server.kill();
});

test("a server ends when it is told to, although a page follows it", async ({ page }) => {
  const server = await startServer(await freePort(), process.env["QUAYSIDE_DATABASE_URL"] ?? "");
  await page.goto(`${server.url}/signup`);
  await signUp(page, "Mira");
  await createSession(page, "Followed");
  await untilLive(page);
  // Next.js ends as the signal itself would have ended it: 128 + 15.
  expect(await server.terminate()).toBe(143);
  await expect(page.getByRole("status").filter({ hasText: "Reconnecting" })).toBeVisible();
});
