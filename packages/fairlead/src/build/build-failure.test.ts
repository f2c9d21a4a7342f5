import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { testContext } from "../kernel/index.ts";
import { releasesDirectory } from "./release.ts";
import {
  build,
  buildScript,
  built,
  builtStackOf,
  configOf,
  makeFolder,
  removeFolders,
} from "./work-tree.fixture.ts";

afterAll(removeFolders);

describe("buildRelease that fails", () => {
  async function failure(root: string, parts: object, request = {}) {
    const error: unknown = await build(builtStackOf(root, parts), request).catch((thrown: unknown) => thrown);
    const left = existsSync(releasesDirectory(root)) ? await readdir(releasesDirectory(root)) : [];
    expect(left).toEqual([]);
    return error;
  }

  it("shows the last lines of the build, and leaves nothing behind", async () => {
    const lines =
      'for (let i = 1; i <= 50; i += 1) console.log("line " + i); console.error("broken"); process.exit(3)';
    const root = await makeFolder({ ...built, "build.cjs": lines });
    const error = await failure(root, {});
    expect(error).toMatchObject({ code: "build-failed", message: expect.stringContaining("code 3") });
    const { details } = error as { details: string[] };
    expect(details).toHaveLength(20);
    expect(details).toContain("broken");
    expect(details).toContain("line 50");
  });

  it.each<[string, Record<string, string>, object, object, object]>([
    ["a build program that is not there", {}, { build: ["no-such-program"] }, {}, { code: "tool-missing" }],
    [
      "dependencies that are not installed",
      { "package.json": '{"dependencies":{"gone":"*"}}' },
      {},
      {},
      { code: "dependencies-missing", details: ["gone"] },
    ],
    ["no start command", {}, { start: undefined }, {}, { code: "start-unknown" }],
    ["a broken package.json", { "package.json": "{" }, {}, {}, { code: "manifest-broken" }],
    [
      "an entry that the build does not write",
      {},
      { start: { kind: "node", entry: "dist/x.js", args: [], nodeArgs: [] } },
      {},
      { code: "release-incomplete" },
    ],
    [
      "an output that the build does not write",
      {},
      {},
      { config: configOf({ build: { outputs: ["dist", "out"] } }) },
      { code: "release-incomplete", message: expect.stringContaining("out") },
    ],
  ])("says so for %s", async (_name, files, parts, request, expected) => {
    const root = await makeFolder({ ...built, ...files });
    expect(await failure(root, parts, request)).toMatchObject(expected);
  });

  it("builds once more when the build changed its own sources", async () => {
    const script = `${buildScript}; writeFileSync("generated.js", "1")`;
    const root = await makeFolder({ ...built, "build.cjs": script });
    const { printed, output, release } = await build(builtStackOf(root));
    expect(printed).toContain("changed while it was built, so it is built once more: generated.js");
    expect(output).toBe("built\nbuilt\n");
    expect(await readFile(join(release.applicationDirectory, "generated.js"), "utf8")).toBe("1");
    expect((await build(builtStackOf(root))).reused).toBe(true);
  });

  it("gives up when each build changes them again", async () => {
    const script = `${buildScript}; writeFileSync("generated.js", String(process.hrtime.bigint()))`;
    const root = await makeFolder({ ...built, "build.cjs": script });
    expect(await failure(root, {})).toMatchObject({ code: "sources-changed", details: ["generated.js"] });
  });

  it("can be cancelled", async () => {
    const root = await makeFolder({
      ...built,
      "build.cjs": "setInterval(() => {}, 1000); console.log('ready')",
    });
    const controller = new AbortController();
    const context = testContext({ signal: controller.signal });
    const onOutput = () => {
      controller.abort();
    };
    await expect(build(builtStackOf(root), { onOutput }, context)).rejects.toMatchObject({
      code: "cancelled",
    });
    expect(await readdir(releasesDirectory(root))).toEqual([]);
  });
});
