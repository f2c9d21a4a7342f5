import { configDefaults, defineConfig } from "vitest/config";

// Suites with a script of their own (npm run test:<name>): slow, or in need of programs that not every machine has.
const suites = {
  system: ["test/system/**/*.test.ts"],
  faults: ["test/faults/**/*.test.ts"],
  package: ["test/package/**/*.test.ts"],
  tools: ["{packages,test}/**/*.tools.test.ts"],
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...Object.values(suites).flat()],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      ...Object.entries(suites).map(([name, include]) => ({
        test: { name, include, testTimeout: 600_000, hookTimeout: 600_000, fileParallelism: false },
      })),
    ],
    maxWorkers: 2,
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**/*.ts"],
      exclude: ["**/*.test.ts"],
      reporter: ["text-summary", "html", "json-summary"],
    },
  },
});
