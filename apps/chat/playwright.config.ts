import { defineConfig, devices } from "@playwright/test";

import { launchOptions } from "./test/e2e/browser.ts";
import { freePort } from "./test/postgres.ts";

// Chosen once: the workers inherit it.
process.env["QUAYSIDE_PORT"] ??= String(await freePort());

export default defineConfig({
  testDir: "test/e2e",
  globalSetup: "./test/e2e/setup.ts",
  outputDir: "test-results",
  workers: 1,
  forbidOnly: process.env["CI"] !== undefined,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: "list",
  use: {
    ...devices["Desktop Chrome"],
    baseURL: `http://127.0.0.1:${process.env["QUAYSIDE_PORT"]}`,
    launchOptions: await launchOptions(),
    timezoneId: "Europe/Berlin",
    trace: "retain-on-failure",
  },
});
