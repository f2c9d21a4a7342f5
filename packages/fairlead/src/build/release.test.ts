import { existsSync } from "node:fs";
import { chmod, cp, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { testContext } from "../kernel/index.ts";
import { listReleases, pruneReleases, readRelease, releasesDirectory, verifyRelease } from "./release.ts";
import {
  build,
  built,
  builtStackOf,
  commitAll,
  configOf,
  makeFolder,
  printer,
  removeFolders,
  runElsewhere,
  stackOf,
  writeFiles,
} from "./work-tree.fixture.ts";

afterAll(removeFolders);

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
