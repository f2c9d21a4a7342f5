import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { identifyProcess, testContext } from "../kernel/index.ts";
import { withBuildLock } from "./build-lock.ts";
import { releasesDirectory } from "./release.ts";
import {
  build,
  configOf,
  makeFolder,
  removeFolders,
  runElsewhere,
  stackOf,
  writeFiles,
} from "./work-tree.fixture.ts";

afterAll(removeFolders);
const context = testContext();

function hold<T>(root: string, waitMs: number, work: () => Promise<T>, said: string[] = []): Promise<T> {
  return withBuildLock(context, root, { waitMs, onWait: (text) => said.push(text) }, work);
}

describe("withBuildLock", () => {
  it("lets one after the other work", async () => {
    const root = await makeFolder();
    let working = 0;
    let most = 0;
    const work = async () => {
      working += 1;
      most = Math.max(most, working);
      await context.clock.sleep(20);
      working -= 1;
    };
    const said: string[] = [];
    await Promise.all([1, 2, 3].map(() => hold(root, 10_000, work, said)));
    expect(most).toBe(1);
    expect(said[0]).toMatch(/^waiting for another build of this project \(pid \d+, begun just now\)\n$/);
    expect(await readdir(releasesDirectory(root))).toEqual([]);
  });

  it("is free again after an error", async () => {
    const root = await makeFolder();
    await expect(hold(root, 0, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(await hold(root, 0, () => Promise.resolve("done"))).toBe("done");
  });

  it("says who holds it when the wait is over", async () => {
    const root = await makeFolder();
    await hold(root, 0, async () => {
      const second = hold(root, 300, () => Promise.resolve());
      const message = expect.stringContaining(`pid ${String(process.pid)}`);
      await expect(second).rejects.toMatchObject({ code: "build-locked", message });
    });
  });

  it.each([
    ["of a process that is gone", JSON.stringify({ pid: 4_194_300, startedTicks: "1", since: 0 })],
    [
      "of a pid that belongs to another process now",
      JSON.stringify({ pid: process.pid, startedTicks: "1", since: 0 }),
    ],
    ["that cannot be read", "{"],
  ])("takes over a lock %s", async (_name, content) => {
    const root = await makeFolder({ ".fairlead/releases/.lock": content });
    expect(await hold(root, 0, () => Promise.resolve("done"))).toBe("done");
  });
});

describe("a build that is killed", () => {
  it("leaves nothing, and no process, that the next one does not remove", async () => {
    const script = 'setInterval(() => {}, 1000); require("fs").writeFileSync("started", String(process.pid))';
    const root = await makeFolder({
      "package.json": "{}",
      "b.cjs": script,
      "server.js": 'console.log("one")',
      ".gitignore": "started\n",
    });
    const code = `
      import { build, stackOf } from ${JSON.stringify(new URL("work-tree.fixture.ts", import.meta.url).href)};
      await build(stackOf(${JSON.stringify(root)}, { build: ["node", "b.cjs"], buildOutputs: ["started"] }));`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
      stdio: "ignore",
      detached: true,
    });
    for (let tries = 0; !existsSync(join(root, "started")) && tries < 200; tries += 1)
      await context.clock.sleep(50);
    const lock = JSON.parse(await readFile(join(releasesDirectory(root), ".lock"), "utf8")) as {
      pid: number;
    };
    expect(lock.pid).toBe(child.pid);
    child.kill("SIGKILL");
    await once(child, "exit");
    const orphan = Number(await readFile(join(root, "started"), "utf8"));
    expect(identifyProcess(orphan)).toBeDefined();
    await writeFiles(releasesDirectory(root), { ".building-1-x/tree/half": "", ".removed-r/tree/half": "" });

    const stack = stackOf(root);
    const { release } = await build(stack, { waitMs: 0, config: configOf() });
    expect(identifyProcess(orphan)).toBeUndefined();
    expect(await runElsewhere(release)).toBe("one");
    expect(await readdir(releasesDirectory(root))).toEqual([release.id]);
  });
});
