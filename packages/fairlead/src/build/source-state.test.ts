import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { testContext } from "../kernel/index.ts";
import { commitsBetween, sourceState } from "./source-state.ts";
import {
  commitAll,
  contextWithout,
  git,
  makeFolder,
  removeFolders,
  writeFiles,
} from "./work-tree.fixture.ts";

afterAll(removeFolders);
const context = testContext();
const nothing = { git: false, detached: false, dirty: false, changedFiles: [] };

describe("sourceState", () => {
  it("knows a clean branch", async () => {
    const folder = await makeFolder({ a: "1" });
    const sha = await commitAll(folder);
    const expected = { git: true, sha, branch: "main", detached: false, dirty: false, changedFiles: [] };
    expect(await sourceState(context, folder)).toEqual(expected);
  });

  it("lists what differs from the commit, in every way it can", async () => {
    const folder = await makeFolder({
      changed: "1",
      gone: "1",
      old: "some text to be found again",
      "sub/kept": "1",
    });
    await commitAll(folder);
    await git(folder, "mv", "old", "new");
    await git(folder, "rm", "-q", "gone");
    await writeFiles(folder, { changed: "2", "sub/it's ü new": "", ".fairlead/releases/x": "" });
    const state = await sourceState(context, folder);
    expect(state.dirty).toBe(true);
    expect(state.changedFiles.toSorted()).toEqual(["changed", "gone", "new", "sub/it's ü new"]);
    expect((await sourceState(context, join(folder, "sub"))).changedFiles).toEqual(["it's ü new"]);
    expect(await sourceState(context, folder, (path) => path === "sub/kept")).toMatchObject({ dirty: false });
  });

  it("shows at most 20 files", async () => {
    const folder = await makeFolder({ a: "" });
    await commitAll(folder);
    await writeFiles(
      folder,
      Object.fromEntries(Array.from({ length: 30 }, (_value, at) => [`f${String(at)}`, ""])),
    );
    expect((await sourceState(context, folder)).changedFiles).toHaveLength(20);
  });

  it("works on a detached head", async () => {
    const folder = await makeFolder({ a: "1" });
    const sha = await commitAll(folder);
    await git(folder, "checkout", "-q", "--detach");
    const state = await sourceState(context, folder);
    expect(state).toMatchObject({ git: true, sha, detached: true, dirty: false });
    expect(state.branch).toBeUndefined();
  });

  it("works in a repository without a commit", async () => {
    const folder = await makeFolder({ a: "1" });
    await git(folder, "init", "-q");
    const state = await sourceState(context, folder);
    expect(state).toMatchObject({ git: true, branch: "main", dirty: true, changedFiles: ["a"] });
    expect(state.sha).toBeUndefined();
  });

  it("works without a repository and without git", async () => {
    const folder = await makeFolder({ a: "1" });
    expect(await sourceState(context, folder)).toEqual(nothing);
    await commitAll(folder);
    expect(await sourceState(await contextWithout(), folder)).toEqual(nothing);
  });

  it("is not led astray by the variables that git sets for its hooks", async () => {
    const folder = await makeFolder({ a: "1" });
    const sha = await commitAll(folder);
    process.env["GIT_DIR"] = join(folder, "nowhere");
    try {
      expect(await sourceState(testContext(), folder)).toMatchObject({ git: true, sha });
    } finally {
      delete process.env["GIT_DIR"];
    }
  });
});

describe("commitsBetween", () => {
  it("counts all and names the newest", async () => {
    const folder = await makeFolder();
    const first = await commitAll(folder, "first");
    const second = await commitAll(folder, 'fix: it\'s | 100 % "done"');
    const third = await commitAll(folder, "third");
    expect(await commitsBetween(context, folder, first, third)).toEqual({
      total: 2,
      newest: [
        { sha: third, subject: "third" },
        { sha: second, subject: 'fix: it\'s | 100 % "done"' },
      ],
    });
    expect(await commitsBetween(context, folder, third, first)).toEqual({ total: 0, newest: [] });
  });

  it("names no more than 50", async () => {
    const folder = await makeFolder();
    const first = await commitAll(folder, "first");
    for (let count = 0; count < 52; count += 1)
      await git(folder, "commit", "-q", "--allow-empty", "-m", "more");
    const commits = await commitsBetween(context, folder, first, await git(folder, "rev-parse", "HEAD"));
    expect(commits?.total).toBe(52);
    expect(commits?.newest).toHaveLength(50);
  });

  it("does not know in a shallow clone, for foreign commits, without git, or for what is no commit", async () => {
    const folder = await makeFolder();
    const first = await commitAll(folder, "first");
    await commitAll(folder, "second");
    const last = await commitAll(folder, "third");
    const shallow = join(await makeFolder(), "clone");
    await git(folder, "clone", "-q", "--depth", "1", `file://${folder}`, shallow);
    expect(await sourceState(context, shallow)).toMatchObject({ git: true, sha: last });
    expect(await commitsBetween(context, shallow, first, last)).toBeUndefined();
    expect(await commitsBetween(context, folder, "a".repeat(40), last)).toBeUndefined();
    expect(await commitsBetween(context, folder, "--all", last)).toBeUndefined();
    expect(await commitsBetween(await contextWithout(), folder, first, last)).toBeUndefined();
  });
});
