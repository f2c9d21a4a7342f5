import { existsSync, lstatSync } from "node:fs";
import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { treeName } from "./release.ts";
import {
  build,
  commitAll,
  configOf,
  makeFolder,
  removeFolders,
  runElsewhere,
  stackOf,
  writeFiles,
} from "./work-tree.fixture.ts";

afterAll(removeFolders);

function manifest(name: string, more: object = {}): string {
  return JSON.stringify({ name, version: "1.0.0", main: "index.js", ...more });
}

function inTree(release: { directory: string }, path: string): string {
  return join(release.directory, treeName, path);
}

/** Files of an application whose `server.js` prints what `a` and, through it, `b` say. */
const application = {
  "package.json": manifest("app", { dependencies: { a: "1" }, devDependencies: { tool: "1" } }),
  "server.js": 'console.log(require("a"))',
};
const packageA = {
  "package.json": manifest("a", { dependencies: { b: "1" }, bin: "cli.js" }),
  "index.js": 'module.exports = "a" + require("b")',
  "cli.js": { program: "#!/usr/bin/env node\nconsole.log('cli')" },
};
const packageB = { "package.json": manifest("b"), "index.js": 'module.exports = "b"' };
const tool = { "package.json": manifest("tool"), "index.js": "" };

type Files = Parameters<typeof makeFolder>[0] & object;

function below(folder: string, files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [`${folder}/${path}`, content]));
}

describe("a release of an application with packages", () => {
  it("holds those it needs to run in npm's layout, and their programs", async () => {
    const root = await makeFolder({
      ...application,
      ...below("node_modules/a", packageA),
      ...below("node_modules/a/node_modules/b", packageB),
      ...below("node_modules/tool", tool),
    });
    const { release, problems } = await build(stackOf(root));
    expect(problems).toEqual([]);
    expect(await runElsewhere(release)).toBe("ab");
    expect((await readdir(inTree(release, "node_modules"))).sort()).toEqual([".bin", "a"]);
    expect(await readlink(inTree(release, "node_modules/.bin/a"))).toBe("../a/cli.js");
  });

  it("holds them in pnpm's layout of links", async () => {
    const store = "node_modules/.pnpm";
    const root = await makeFolder({
      ...application,
      "node_modules/a": { link: ".pnpm/a@1/node_modules/a" },
      "node_modules/tool": { link: ".pnpm/tool@1/node_modules/tool" },
      ...below(`${store}/a@1/node_modules/a`, packageA),
      [`${store}/a@1/node_modules/b`]: { link: "../../b@1/node_modules/b" },
      ...below(`${store}/b@1/node_modules/b`, packageB),
      ...below(`${store}/tool@1/node_modules/tool`, tool),
    });
    const { release } = await build(stackOf(root, { packageManager: "pnpm" }));
    expect(await runElsewhere(release)).toBe("ab");
    expect((await readdir(inTree(release, store))).sort()).toEqual(["a@1", "b@1"]);
  });

  it("holds them from a store outside of the repository", async () => {
    const outside = await makeFolder({
      ...below("store/a/1/node_modules/a", packageA),
      "store/a/1/node_modules/b": { link: "../../../b/1/node_modules/b" },
      ...below("store/b/1/node_modules/b", packageB),
      ...below("repository", application),
      "repository/node_modules/a": { link: "../../store/a/1/node_modules/a" },
    });
    const { release } = await build(stackOf(join(outside, "repository")));
    expect(await runElsewhere(release)).toBe("ab");
  });

  it("holds the package of a start program and of what it preloads, though only development declares them", async () => {
    const root = await makeFolder({
      ...application,
      ...below("node_modules/a", packageA),
      ...below("node_modules/b", packageB),
      ...below("node_modules/tool", {
        ...tool,
        "bin/run.js": 'require(require("path").resolve(process.argv[2]))',
      }),
      ...below("node_modules/hook", {
        "package.json": manifest("hook"),
        "index.js": 'console.log("hooked")',
      }),
    });
    const start = {
      kind: "node" as const,
      entry: "node_modules/tool/bin/run.js",
      args: ["server.js"],
      nodeArgs: ["--require", "hook"],
    };
    expect(await runElsewhere((await build(stackOf(root, { start }))).release)).toBe("hooked\nab");
  });

  it("says which package a dependency lacks", async () => {
    const root = await makeFolder({ ...application, ...below("node_modules/a", packageA) });
    const { problems } = await build(stackOf(root));
    expect(problems).toEqual([expect.objectContaining({ where: "b (by a)", remedy: "npm install" })]);
  });
});

describe("a release of an application in a workspace", () => {
  const workspace = {
    ".gitignore": "node_modules\ndist\n.fairlead\n.env\n",
    "package.json": JSON.stringify({
      private: true,
      workspaces: ["apps/*", "packages/*"],
      dependencies: { b: "1" },
    }),
    "apps/web/package.json": manifest("web", {
      dependencies: { a: "1", "@own/text": "*" },
      devDependencies: { "@own/presets": "*" },
    }),
    "apps/web/server.js": 'console.log(require("a"), require("@own/text"))',
    "packages/text/package.json": manifest("@own/text", { main: "dist/index.js", dependencies: { b: "1" } }),
    "packages/text/source.js": "",
    "packages/text/dist/index.js": 'module.exports = "text of " + require("b") + require("./more")',
    "packages/text/dist/more.js": 'module.exports = "!"',
    "packages/text/.env": "SECRET=1",
    "packages/presets/package.json": manifest("@own/presets"),
    "apps/other/package.json": manifest("other"),
    "node_modules/@own/text": { link: "../../packages/text" },
    "node_modules/@own/presets": { link: "../../packages/presets" },
    ...below("node_modules/a", packageA),
    ...below("node_modules/b", packageB),
  };

  it("keeps the places of the repository, with the packages of its own that it runs", async () => {
    const root = await makeFolder(workspace);
    await commitAll(root);
    const { release } = await build(stackOf(join(root, "apps/web"), { root }));
    expect(release.application).toBe("apps/web");
    expect(await runElsewhere(release)).toBe("ab text of b!");
    expect((await readdir(inTree(release, "packages"))).sort()).toEqual(["text"]);
    expect(await readlink(inTree(release, "node_modules/@own/text"))).toBe("../../packages/text");
    expect(existsSync(inTree(release, "apps/other"))).toBe(false);
    expect(existsSync(inTree(release, "packages/text/.env"))).toBe(false);
  });

  it("is kept where the config lies, also beside the application", async () => {
    const root = await makeFolder(workspace);
    const folder = join(root, "apps/web");
    const { release } = await build(stackOf(folder, { root }), { root: folder });
    expect(release.directory.startsWith(join(folder, ".fairlead/releases/"))).toBe(true);
    expect(await runElsewhere(release)).toBe("ab text of b!");
    expect(await build(stackOf(folder, { root }), { root: folder })).toMatchObject({ reused: true });
  });
});

describe("a release of Next.js with standalone output", () => {
  const server = `const config = {"experimental":{"isrFlushToDisk":true}};
    const { readFileSync } = require("fs");
    const read = (path) => readFileSync(__dirname + path, "utf8");
    console.log(require("traced"), read("/.next/static/a.js"), read("/public/p.txt"), config.experimental.isrFlushToDisk);`;

  /** Writes what `next build` writes, for an application at a path of the traced root. */
  function buildScript(path: string): string {
    const output = `.next/standalone/${path}`;
    const files = {
      ".next/required-server-files.json": JSON.stringify({
        config: { output: "standalone" },
        relativeAppDir: path.replace(/\/$/, ""),
      }),
      ".next/static/a.js": "static",
      ".next/cache/x": "cache",
      [`${output}server.js`]: server,
      [`${output}.next/BUILD_ID`]: "1",
      [`${output}.next/cache/fetch/x`]: "cache",
      [`${output}.env`]: "SECRET=1",
      ".next/standalone/node_modules/traced/index.js": 'module.exports = "traced"',
    };
    return `const { mkdirSync, rmSync, writeFileSync } = require("fs");
      rmSync(".next", { recursive: true, force: true });
      for (const [path, text] of Object.entries(${JSON.stringify(files)})) {
        mkdirSync(require("path").dirname(path), { recursive: true });
        writeFileSync(path, text);
      }`;
  }

  const migrations = { tool: "node-pg-migrate", directory: "migrations" } as const;

  function project(path: string): Files {
    return {
      [`${path}package.json`]: manifest("web", { dependencies: { next: "1", "node-pg-migrate": "1" } }),
      [`${path}build.cjs`]: buildScript(path),
      [`${path}public/p.txt`]: "public",
      [`${path}migrations/1.js`]: 'import { id } from "own-ids"; import "../lib/more.js"; import "node:fs"',
      [`${path}lib/more.ts`]: 'export * from "deep/inside"',
      [`${path}.env.production`]: "SECRET=1",
      ...below("node_modules/next", { "package.json": manifest("next"), "big.js": "" }),
      ...below("node_modules/node-pg-migrate", {
        "package.json": manifest("node-pg-migrate", {
          peerDependencies: { pg: "*" },
          bin: { "node-pg-migrate": "bin.js" },
        }),
        "bin.js": { program: "" },
      }),
      ...below("node_modules/pg", packageB),
      ...below("node_modules/own-ids", packageB),
      ...below("node_modules/deep", packageB),
    };
  }

  it.each([
    ["alone", ""],
    ["in a workspace", "apps/web/"],
  ])("runs %s from what was traced, with static files, and without caches", async (_name, path) => {
    const root = await makeFolder(project(path));
    const folder = join(root, path);
    const stack = stackOf(folder, {
      root,
      framework: "next",
      build: ["node", "build.cjs"],
      buildOutputs: [".next"],
      migrations,
    });
    const { release, problems } = await build(stack);
    expect(problems).toEqual([]);
    expect(release.start).toEqual({
      kind: "node",
      entry: `.next/standalone/${path}server.js`,
      args: [],
      nodeArgs: [],
    });
    expect(await runElsewhere(release)).toBe("traced static public false");
    const standalone = join(release.applicationDirectory, `.next/standalone/${path}`);
    expect((await readdir(standalone)).filter((name) => name.startsWith(".env"))).toEqual([]);
    expect((await readdir(join(standalone, ".next"))).sort()).toEqual(["BUILD_ID", "static"]);
    expect(await readdir(join(release.applicationDirectory, ".next"))).toEqual(["standalone"]);
    const names = ["deep", "node-pg-migrate", "own-ids", "pg"];
    expect((await readdir(inTree(release, "node_modules"))).filter((name) => name !== ".bin").sort()).toEqual(
      names,
    );
    expect(existsSync(join(release.applicationDirectory, "migrations/1.js"))).toBe(true);
    expect(
      (await readFile(join(folder, `.next/standalone/${path}server.js`), "utf8")).includes(":true"),
    ).toBe(true);
  });

  it("takes the whole build and all packages when the config starts something else", async () => {
    const root = await makeFolder({
      ...project(""),
      "custom.js": 'require("next/big.js"); console.log("custom")',
    });
    const stack = stackOf(root, { framework: "next", build: ["node", "build.cjs"], buildOutputs: [".next"] });
    const { release } = await build(stack, { config: configOf({ start: ["node", "custom.js"] }) });
    expect(await runElsewhere(release)).toBe("custom");
    expect((await readdir(join(release.applicationDirectory, ".next"))).sort()).toEqual([
      "required-server-files.json",
      "static",
    ]);
  });
});

describe("links between files of a build", () => {
  it("lead to copies within the release, never back to the work tree", async () => {
    const script = `const fs = require("fs");
      fs.mkdirSync("dist", { recursive: true });
      fs.writeFileSync("dist/server.js", 'console.log(require("./linked"), require("../shared.js"))');
      fs.rmSync("dist/linked", { force: true });
      fs.symlinkSync(process.cwd() + "/generated/folder", "dist/linked");`;
    const root = await makeFolder({
      "package.json": "{}",
      "b.cjs": script,
      "real.js": "module.exports = 2",
      "shared.js": { link: "real.js" },
      ".gitignore": "generated\ndist\n.fairlead\n",
    });
    await writeFiles(root, { "generated/folder/index.js": "module.exports = 1" });
    await commitAll(root);
    const start = { kind: "node" as const, entry: "dist/server.js", args: [], nodeArgs: [] };
    const { release } = await build(
      stackOf(root, { build: ["node", "b.cjs"], buildOutputs: ["dist"], start }),
    );
    expect(lstatSync(inTree(release, "dist/linked")).isSymbolicLink()).toBe(true);
    expect(await readlink(inTree(release, "dist/linked"))).toBe("../generated/folder");
    expect(await runElsewhere(release)).toBe("1 2");
  });
});
