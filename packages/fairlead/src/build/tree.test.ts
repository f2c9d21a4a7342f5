import { chmod, utimes } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import {
  changedPaths,
  describeFiles,
  digestTree,
  isRuntimeCache,
  listFiles,
  type TreeEntry,
} from "./tree.ts";
import { makeFolder, removeFolders, writeFiles } from "./work-tree.fixture.ts";

afterAll(removeFolders);

const files = {
  "b.txt": "b",
  "a/x.sh": { program: "#!/bin/sh\n" },
  "a-b": "1",
  link: { link: "b.txt" },
  ä: "",
};

async function read(folder: string): Promise<TreeEntry[]> {
  return describeFiles(folder, await listFiles(folder, () => false));
}

describe("digestTree", () => {
  it("is the same wherever and whenever the same files lie", async () => {
    const one = await makeFolder(files);
    const other = await makeFolder(Object.fromEntries(Object.entries(files).toReversed()));
    await utimes(join(other, "b.txt"), new Date(0), new Date(0));
    expect(digestTree(await read(other))).toBe(digestTree((await read(one)).toReversed()));
    expect(digestTree(await read(one))).toMatch(/^[\da-f]{64}$/);
  });

  it.each<[string, (folder: string) => Promise<void>, string[]]>([
    ["content", (folder) => writeFiles(folder, { "b.txt": "c" }), ["b.txt"]],
    ["the executable bit", (folder) => chmod(join(folder, "b.txt"), 0o755), ["b.txt"]],
    ["a file more", (folder) => writeFiles(folder, { "a/y": "" }), ["a/y"]],
  ])("changes with %s", async (_name, change, changed) => {
    const folder = await makeFolder(files);
    const before = await read(folder);
    await change(folder);
    const after = await read(folder);
    expect(digestTree(after)).not.toBe(digestTree(before));
    expect(changedPaths(before, after)).toEqual(changed);
    expect(changedPaths(after, before)).toEqual(changed);
  });

  it("tells a link from a file with the same text, and a path from content", () => {
    const file: TreeEntry = {
      path: "a",
      kind: "file",
      executable: false,
      size: 1,
      sha256: "t",
      modifiedMs: 0,
    };
    expect(digestTree([{ path: "a", kind: "link", target: "t" }])).not.toBe(digestTree([file]));
    expect(digestTree([{ ...file, path: "ab" }])).not.toBe(digestTree([{ ...file, path: "a" }]));
  });
});

describe("listFiles", () => {
  it("sorts by code unit, follows no links and leaves out what is skipped", async () => {
    const folder = await makeFolder({ ...files, "skip/x": "", loop: { link: "." } });
    const paths = await listFiles(folder, (path) => path === "skip");
    expect(paths).toEqual(["a-b", "a/x.sh", "b.txt", "link", "loop", "ä"]);
  });
});

describe("isRuntimeCache", () => {
  it.each([
    [".next/cache", true],
    ["apps/chat/.next/standalone/apps/chat/.next/cache/images/x", true],
    ["node_modules/.cache/x", true],
    [".next/cached", false],
    ["src/cache/x", false],
  ])("%s: %s", (path, expected) => {
    expect(isRuntimeCache(path)).toBe(expected);
  });
});
