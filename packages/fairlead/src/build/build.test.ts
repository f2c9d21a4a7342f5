import { existsSync } from "node:fs";
import { chmod, cp, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { testContext } from "../kernel/index.ts";
import { releaseForSources } from "./build.ts";
import {
  alteredFiles,
  listReleases,
  pruneReleases,
  readRelease,
  releasesDirectory,
  verifyRelease,
} from "./release.ts";
import {
  build,
  commitAll,
  configOf,
  contextWithout,
  makeFolder,
  removeFolders,
  runElsewhere,
  stackOf,
  writeFiles,
} from "./work-tree.fixture.ts";

afterAll(removeFolders);

const printer = {
  "package.json": '{"type":"module"}',
  "server.js": 'import "./text.js"',
  "text.js": 'console.log("one")',
};
const buildScript = `
  const { mkdirSync, readFileSync, writeFileSync } = require("node:fs");
  mkdirSync("dist", { recursive: true });
  writeFileSync("dist/server.js", readFileSync("source.js"));
  console.log("built");`;
const built = {
  "package.json": "{}",
  "source.js": 'console.log("one")',
  "build.cjs": buildScript,
  ".gitignore": "dist\n.fairlead\n",
};
const builtStack = {
  build: ["node", "build.cjs"],
  buildOutputs: ["dist"],
  start: { kind: "node", entry: "dist/server.js", args: [], nodeArgs: [] },
} as const;

function builtStackOf(root: string, parts = {}) {
  return stackOf(root, {
    ...builtStack,
    build: [...builtStack.build],
    buildOutputs: ["dist"],
    start: { ...builtStack.start, args: [], nodeArgs: [] },
    ...parts,
  });
}

describe("buildRelease", () => {
  it("copies an application that needs no build, without anything that is no part of it", async () => {
    const root = await makeFolder({
      ...printer,
      ".env": "SECRET=1",
      ".env.example": "SECRET=",
      "old.log": "",
    });
    await writeFiles(root, { ".gitignore": "*.log\n.env\n.fairlead\n" });
    const sha = await commitAll(root);
    const { release, reused, output, problems } = await build(stackOf(root, { health: "/health" }));
    expect({ reused, output, problems }).toEqual({ reused: false, output: "", problems: [] });
    expect(release).toMatchObject({
      version: "1.2.3",
      sha,
      branch: "main",
      dirty: false,
      health: "/health",
      files: 5,
    });
    expect(release.id).toBe(`1.2.3-${sha.slice(0, 7)}-${release.digest.slice(0, 8)}`);
    expect(release.nodeVersion).toBe(process.version);
    expect((await readdir(release.applicationDirectory)).sort()).toEqual([
      ".env.example",
      ".gitignore",
      "package.json",
      "server.js",
      "text.js",
    ]);
    expect(await readRelease(root, release.id)).toEqual(release);
    expect(await runElsewhere(release)).toBe("one");
  });

  it("builds in place, and copies what the build wrote", async () => {
    const root = await makeFolder(built);
    await commitAll(root);
    const { release, printed, output } = await build(builtStackOf(root));
    expect([printed, output]).toEqual(["built\n", "built\n"]);
    expect(await runElsewhere(release)).toBe("one");
  });

  it("gives the build neither secrets nor our own mode, but what it is given on purpose", async () => {
    const script =
      'require("fs").writeFileSync("server.js", `console.log(${JSON.stringify(JSON.stringify(process.env))})`)';
    const root = await makeFolder({ "package.json": "{}", "b.cjs": script });
    const env = {
      PATH: process.env["PATH"],
      NODE_ENV: "test",
      DATABASE_URL: "postgres://x",
      CACHE: "redis://u:hidden@h",
      GITHUB_TOKEN: "hidden",
      NEXT_PUBLIC_API_KEY: "shown",
      KEPT: "shown",
    };
    const stack = stackOf(root, { build: ["node", "b.cjs"], buildOutputs: ["server.js"] });
    const context = testContext({ env });
    const { release } = await build(stack, { variables: { GIVEN: "yes" } }, context);
    const seen = JSON.parse(await runElsewhere(release)) as Record<string, string>;
    expect(seen).toMatchObject({ CI: "1", NEXT_TELEMETRY_DISABLED: "1", GIVEN: "yes", KEPT: "shown" });
    expect(seen).toHaveProperty("NEXT_PUBLIC_API_KEY");
    for (const name of ["NODE_ENV", "DATABASE_URL", "CACHE", "GITHUB_TOKEN"])
      expect(seen).not.toHaveProperty(name);
  });

  it("makes the same digest of the same sources anywhere", async () => {
    const [one, other] = [await makeFolder(built), await makeFolder(built)];
    const first = await build(builtStackOf(one));
    const second = await build(builtStackOf(other));
    expect(second.release.id).toBe(first.release.id);
    expect(first.release.id).toMatch(/^1\.2\.3-nogit-[\da-f]{8}$/);
  });

  it("says that another Node.js is asked for, and builds all the same", async () => {
    const root = await makeFolder(printer);
    const { problems } = await build(stackOf(root, { nodeVersion: "^18 || ^20" }));
    expect(problems).toEqual([
      expect.objectContaining({ where: "Node.js", message: expect.stringContaining("^18 || ^20") }),
    ]);
    expect((await build(stackOf(root, { nodeVersion: ">=20" }))).problems).toEqual([]);
  });

  it("works where git is missing", async () => {
    const root = await makeFolder(printer);
    await commitAll(root);
    const { release } = await build(stackOf(root), {}, await contextWithout());
    expect(release).toMatchObject({ id: expect.stringContaining("-nogit-"), dirty: false, files: 3 });
  });
});

describe("buildRelease of unchanged sources", () => {
  it("gives the release there is, also when the state of git is another", async () => {
    const root = await makeFolder(built);
    const first = await build(builtStackOf(root));
    const second = await build(builtStackOf(root));
    expect(second).toMatchObject({ reused: true, output: "", release: first.release });
    expect(await listReleases(root)).toHaveLength(1);
  });

  it("builds after a change of the sources, and knows the old state again", async () => {
    const root = await makeFolder(built);
    const stack = builtStackOf(root);
    const first = await build(stack);
    await writeFiles(root, { "source.js": 'console.log("two")' });
    expect(
      (await releaseForSources(testContext(), { root, stack, config: configOf() })).release,
    ).toBeUndefined();
    const second = await build(stack);
    expect(second.reused).toBe(false);
    expect(await runElsewhere(second.release)).toBe("two");
    expect(await runElsewhere(first.release)).toBe("one");
    await writeFiles(root, built);
    const found = await releaseForSources(testContext(), { root, stack, config: configOf() });
    expect(found).toEqual({ inputDigest: first.release.inputDigest, release: first.release });
    expect(await build(stack)).toMatchObject({ reused: true, release: { id: first.release.id } });
  });

  it("does not let an uncommitted build stand for a commit, and needs no build for it", async () => {
    const root = await makeFolder(built);
    await commitAll(root);
    await writeFiles(root, { "source.js": 'console.log("two")' });
    const dirty = (await build(builtStackOf(root))).release;
    expect(dirty).toMatchObject({ dirty: true, id: expect.stringMatching(/-dirty-/) });
    const sha = await commitAll(root);
    const clean = await build(builtStackOf(root));
    expect(clean).toMatchObject({
      reused: true,
      output: "",
      release: { dirty: false, sha, digest: dirty.digest },
    });
    expect(clean.release.id).not.toBe(dirty.id);
    expect(await runElsewhere(clean.release)).toBe("two");
  });

  it("keeps the commit of a release when later commits change none of its inputs", async () => {
    const root = await makeFolder({
      "package.json": "{}",
      "README.md": "",
      "app/package.json": "{}",
      "app/server.js": 'console.log("one")',
    });
    const sha = await commitAll(root);
    const stack = stackOf(join(root, "app"), { root });
    const first = await build(stack);
    await writeFiles(root, { "README.md": "more" });
    expect((await build(stack)).release).toEqual(first.release);
    await commitAll(root);
    expect(await build(stack)).toMatchObject({ reused: true, release: { id: first.release.id, sha } });
  });

  it("builds again when told to, and keeps the release if nothing came out differently", async () => {
    const root = await makeFolder(built);
    const first = await build(builtStackOf(root));
    const second = await build(builtStackOf(root), { rebuild: true });
    expect(second).toMatchObject({ reused: false, output: "built\n", release: { id: first.release.id } });
    expect(await listReleases(root)).toHaveLength(1);
  });

  it("does not trust a release whose files were changed, and leaves that one alone", async () => {
    const root = await makeFolder(printer);
    const first = (await build(stackOf(root))).release;
    await writeFiles(first.applicationDirectory, { "upload.txt": "added by the application" });
    expect(await verifyRelease(first)).toBe(true);
    await writeFiles(first.applicationDirectory, { "text.js": 'console.log("tampered")' });
    expect(await verifyRelease(first)).toBe(false);
    expect(await alteredFiles(first)).toEqual(["text.js"]);
    const second = await build(stackOf(root));
    expect(second).toMatchObject({ reused: false, release: { id: `${first.id}-2`, digest: first.digest } });
    expect(await runElsewhere(second.release)).toBe("one");
    expect(await runElsewhere(first)).toBe("tampered");
  });

  it("is another release when it is started differently", async () => {
    const root = await makeFolder({ ...printer, "other.js": 'console.log("other")' });
    const first = await build(stackOf(root));
    const second = await build(stackOf(root), {
      config: configOf({ start: ["node", "other.js", "--flag"] }),
    });
    expect(second.release.id).not.toBe(first.release.id);
    expect(await runElsewhere(second.release)).toBe("other");
  });
});

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

describe("what a release is made of", () => {
  it("takes the folder of an entry that nobody announced as an output", async () => {
    const root = await makeFolder(built);
    await commitAll(root);
    const { release } = await build(builtStackOf(root, { buildOutputs: [] }));
    expect(await runElsewhere(release)).toBe("one");
  });

  it("keeps executable bits and links, and says which links lead out of it", async () => {
    const outside = await makeFolder();
    const root = await makeFolder({
      ...printer,
      "run.sh": { program: "#!/bin/sh\n" },
      "alias.js": { link: "text.js" },
      uploads: { link: outside },
      broken: { link: "nowhere" },
    });
    const { release, problems } = await build(stackOf(root));
    const folder = release.applicationDirectory;
    expect((await stat(join(folder, "run.sh"))).mode & 0o111).not.toBe(0);
    expect(await readFile(join(folder, "alias.js"), "utf8")).toContain("one");
    expect(problems.map(({ where }) => where)).toEqual(["uploads"]);
    expect(await verifyRelease(release)).toBe(true);
  });

  it("leaves out caches, and is still intact when the application fills them", async () => {
    const root = await makeFolder({ ...printer, "node_modules/.cache/x": "1", ".next/cache/x": "1" });
    const { release } = await build(stackOf(root));
    expect(release.files).toBe(3);
    await writeFiles(release.applicationDirectory, { ".next/cache/images/1": "x" });
    expect(await verifyRelease(release)).toBe(true);
  });

  it("copies a directory of any other language as it is", async () => {
    const root = await makeFolder({ "app.py": "print(1)", "static/a.css": "" });
    const start = { kind: "command" as const, argv: ["python3", "app.py"] };
    const { release } = await build(stackOf(root, { framework: "unknown", start }));
    expect(release).toMatchObject({ start, files: 2 });
  });

  it("has a folder for migrations even while there are none", async () => {
    const root = await makeFolder(printer);
    const migrations = { tool: "dbmate", directory: "db/migrations" } as const;
    const { release } = await build(stackOf(root, { migrations }));
    expect(release.migrations).toEqual(migrations);
    expect(existsSync(join(release.applicationDirectory, "db/migrations"))).toBe(true);
    const off = await build(stackOf(root, { migrations }), { config: configOf({ migrations: false }) });
    expect(off.release.migrations).toBeUndefined();
  });
});

describe("releases", () => {
  it("are pruned to those wanted last and those in use", async () => {
    const root = await makeFolder(printer);
    const ids: string[] = [];
    let now = Date.now() - 3_600_000;
    const clock = { now: () => (now += 1000), sleep: () => Promise.resolve() };
    for (const text of ["1", "2", "3", "4"]) {
      await writeFiles(root, { "text.js": text });
      const { release } = await build(stackOf(root), {}, testContext({ clock }));
      await build(stackOf(root), {}, testContext({ clock }));
      ids.push(release.id);
    }
    expect((await listReleases(root)).map(({ id }) => id)).toEqual(ids.toReversed());
    await writeFiles(root, { "text.js": "2" });
    await build(stackOf(root), {}, testContext({ clock }));
    expect(await pruneReleases(root, 1, new Set([ids[0] ?? ""]))).toEqual([ids[3], ids[2]]);
    expect((await listReleases(root)).map(({ id }) => id)).toEqual([ids[1], ids[0]]);
    expect((await readdir(releasesDirectory(root))).sort()).toEqual([ids[0], ids[1]].sort());
  });

  it("share the files of installed packages that did not change, and nothing else", async () => {
    const files = { "package.json": '{"dependencies":{"a":"*"}}', "server.js": "1" };
    const root = await makeFolder({
      ...files,
      "node_modules/a/package.json": "{}",
      "node_modules/a/index.js": "1",
    });
    const first = (await build(stackOf(root))).release;
    await chmod(join(root, "node_modules/a/package.json"), 0o755);
    await writeFiles(root, { "server.js": "2" });
    const second = (await build(stackOf(root))).release;
    const same = async (path: string) => {
      const [one, other] = await Promise.all(
        [first, second].map((release) => stat(join(release.applicationDirectory, path))),
      );
      return one?.ino === other?.ino;
    };
    expect(await same("node_modules/a/index.js")).toBe(true);
    expect(await same("node_modules/a/package.json")).toBe(false);
    expect(await same("package.json")).toBe(false);
    expect((await stat(join(root, "node_modules/a/index.js"))).nlink).toBe(1);
  });

  it("do not share a file that was changed in the earlier release", async () => {
    const files = { "package.json": '{"dependencies":{"a":"*"}}', "server.js": 'console.log(require("a"))' };
    const root = await makeFolder({ ...files, "node_modules/a/index.js": "module.exports = 1" });
    const first = (await build(stackOf(root))).release;
    await writeFiles(first.applicationDirectory, { "node_modules/a/index.js": "module.exports = 2" });
    await writeFiles(root, { "other.js": "" });
    expect(await runElsewhere((await build(stackOf(root))).release)).toBe("1");
  });

  it("can be moved with their project", async () => {
    const root = await makeFolder(printer);
    const { release } = await build(stackOf(root));
    const moved = await makeFolder();
    await cp(root, moved, { recursive: true });
    await rm(root, { recursive: true });
    const found = await readRelease(moved, release.id);
    expect(found?.applicationDirectory).toContain(moved);
    expect(found !== undefined && (await verifyRelease(found))).toBe(true);
  });

  it.each(["../x", ".lock", "no-such", "", "a/b"])("are not found by the id %j", async (id) => {
    expect(await readRelease(await makeFolder({ "x/release.json": "{}" }), id)).toBeUndefined();
  });
});
