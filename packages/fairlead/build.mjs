// Bundles the sources to plain JavaScript in dist/ (folders as in src/) and adds the type declarations.
import { execFileSync } from "node:child_process";
import { globSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { build } from "esbuild";

const root = import.meta.dirname;
// Every file named entry.ts is a program that runs in a process of its own (kernel/entries.ts finds it by its path).
const entries = ["src/index.ts", "src/cli/main-process.ts", ...globSync("src/**/entry.ts", { cwd: root })];

rmSync(join(root, "dist"), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: entries,
  outdir: "dist",
  outbase: "src",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22.18",
  packages: "external",
  chunkNames: "chunks/[name]-[hash]",
  logLevel: "warning",
});

const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
execFileSync(process.execPath, [join(typescript, "bin/tsc"), "--project", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
