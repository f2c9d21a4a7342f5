import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { testContext } from "../kernel/index.ts";
import { releaseForSources } from "./build.ts";
import { alteredFiles, listReleases, readRelease, verifyRelease } from "./release.ts";
import {
  build,
  built,
  builtStackOf,
  commitAll,
  configOf,
  contextWithout,
  makeFolder,
  printer,
  removeFolders,
  runElsewhere,
  stackOf,
  writeFiles,
} from "./work-tree.fixture.ts";

afterAll(removeFolders);

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
