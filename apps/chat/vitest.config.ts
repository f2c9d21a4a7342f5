import { defineConfig } from "vitest/config";

const secrets = { SESSION_SECRET: "a secret that only the tests know of", LOG_LEVEL: "silent" };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["src/**/*.test.ts"],
          env: { ...secrets, DATABASE_URL: "postgresql://nowhere" },
        },
      },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          env: secrets,
          setupFiles: "test/integration/environment.ts",
          globalSetup: "test/integration/setup.ts",
          testTimeout: 30_000,
          hookTimeout: 60_000,
          // The tests share one database and its announcements, each with accounts of its own.
          fileParallelism: false,
        },
      },
    ],
  },
});
