import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { FairleadError, testContext } from "../kernel/index.ts";
import { detectStack } from "./detect.ts";
import { findWorkspace, isMember, parsePnpmWorkspace } from "./workspace.ts";

describe("workspace globs", () => {
  it.each([
    [["packages/*"], "packages/a", true],
    [["packages/*"], "packages/a/b", false],
    [["packages/**"], "packages/a/b", true],
    [["./apps/*/"], "apps/web", true],
    [["**/web"], "web", true],
    [["apps/web"], "apps/web2", false],
    [["packages/**", "!**/test/**"], "packages/a/test/b", false],
    [["packages/a.b"], "packages/aXb", false],
  ])("%j %s %s", (globs, path, expected) => {
    expect(isMember(globs, path)).toBe(expected);
  });

  it.each([
    [`packages:\n  - "a/*"\n  - b # c\ncatalog:\n  - d`, ["a/*", "b"]],
    [`packages: ['a', "b/*"]`, ["a", "b/*"]],
    ["onlyBuiltDependencies:\n  - x", []],
  ])("%j", (yaml, expected) => {
    expect(parsePnpmWorkspace(yaml)).toEqual(expected);
  });
});

describe("a repository on disk", () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "fairlead-workspace-"));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  async function write(files: Record<string, string>) {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
  }

  it("belongs to the workspace above it only where that says so", async () => {
    await write({
      "package.json": `{ "workspaces": ["apps/*"] }`,
      "apps/web/package.json": "{}",
      "other/x/package.json": "{}",
      "apps/inner/.git/HEAD": "",
      "apps/inner/package.json": "{}",
    });
    expect(await findWorkspace(join(root, "apps/web"))).toEqual({ root, globs: ["apps/*"] });
    expect(await findWorkspace(join(root, "other/x"))).toEqual({ root: join(root, "other/x"), globs: [] });
    expect((await findWorkspace(join(root, "apps/inner"))).root).toBe(join(root, "apps/inner"));
  });

  it("builds the packages an application uses before it", async () => {
    const web = `{ "name": "web", "scripts": { "build": "tsc" }, "dependencies": { "lib": "*" } }`;
    const lib = `{ "name": "lib", "scripts": { "build": "tsc" } }`;
    const files = { "apps/web/package.json": web, "apps/lib/package.json": lib };
    const buildOf = async (manifest: object, more: Record<string, string> = {}) => {
      await write({
        ...files,
        ...more,
        "package.json": JSON.stringify({ workspaces: ["apps/*"], ...manifest }),
      });
      return (await detectStack(testContext(), join(root, "apps/web"))).build;
    };
    expect(await buildOf({})).toEqual(["npm", "run", "build"]);
    expect(await buildOf({ scripts: { build: "x" } })).toEqual(["npm", "--prefix", "../..", "run", "build"]);
    expect(await buildOf({ packageManager: "yarn@4.0.0", scripts: { build: "x" } })).toEqual([
      "yarn",
      "--cwd",
      "../..",
      "run",
      "build",
    ]);
    expect(await buildOf({ packageManager: "pnpm@9.0.0" })).toEqual([
      "pnpm",
      "--filter",
      "web...",
      "run",
      "build",
    ]);
    expect(await buildOf({}, { "turbo.json": "{}" })).toEqual(["turbo", "run", "build", "--filter=web"]);
  });

  it("without any application still gives an answer", async () => {
    const stack = await detectStack(testContext({ cwd: root }), ".");
    expect(stack).toMatchObject({ framework: "unknown", directory: root, root });
    expect(stack.unknown.map((problem) => problem.where)).toContain("start");
    await expect(detectStack(testContext({ cwd: root }), "gone")).rejects.toThrow(FairleadError);
  });

  it("with a broken package.json still gives an answer", async () => {
    await write({ "package.json": "{ broken", "server.js": "" });
    expect((await detectStack(testContext(), root)).framework).toBe("unknown");
  });
});
