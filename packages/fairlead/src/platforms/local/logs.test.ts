import { appendFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { stat } from "node:fs/promises";

import { afterEach, beforeEach, expect, it } from "vitest";

import { testContext } from "../../kernel/index.ts";
import type { LogLine } from "../port.ts";
import { deploymentLog } from "./layout.ts";
import { lastLogLines, partPath, rotateLog, rotation } from "./log-files.ts";
import { createProject, eventually, type Project } from "./test/project.ts";

let project: Project;
let path: string;
beforeEach(async () => {
  project = await createProject();
  mkdirSync(project.layout.logDirectory, { recursive: true });
  path = deploymentLog(project.layout, "d1");
});
afterEach(async () => {
  await project.dispose();
});

const fill = (letter: string) => {
  writeFileSync(path, `${letter.repeat(99)}\n`.repeat(rotation.maximalBytes / 100));
};

it("rotates by copying and keeps a bounded number of parts", async () => {
  for (const letter of ["a", "b", "c", "d", "e"]) {
    fill(letter);
    expect(await rotateLog(path)).toBe(true);
    expect((await stat(path)).size).toBe(0);
  }
  expect(await rotateLog(path)).toBe(false);
  expect(existsSync(partPath(path, rotation.keptParts))).toBe(true);
  expect(existsSync(partPath(path, rotation.keptParts + 1))).toBe(false);
});

it("gives the last lines over the parts", async () => {
  fill("a");
  await rotateLog(path);
  appendFileSync(path, "new 1\nnew 2\n");
  expect(await lastLogLines(project.layout, "d1", 1, [])).toEqual(["new 2"]);
  const lines = await lastLogLines(project.layout, "d1", 4, []);
  expect(lines).toEqual(["a".repeat(99), "a".repeat(99), "new 1", "new 2"]);
});

it("follows a log over a rotation without losing a line", async () => {
  appendFileSync(path, "old\nlast\n");
  const controller = new AbortController();
  const context = testContext({ signal: controller.signal });
  const seen: LogLine[] = [];
  const request = { environment: "production", deploymentId: "d1", tail: 1, follow: true };
  const following = (async () => {
    for await (const line of project.platform.logs(context, request)) seen.push(line);
  })();
  const until = (text: string) =>
    eventually(
      () => Promise.resolve(seen),
      (lines) => lines.at(-1)?.text === text,
    );
  await until("last");
  appendFileSync(path, "before\n");
  await until("before");
  const limit = rotation.maximalBytes;
  rotation.maximalBytes = 1;
  appendFileSync(path, "just before\n");
  await rotateLog(path);
  rotation.maximalBytes = limit;
  appendFileSync(path, "after\n");
  await until("after");
  controller.abort();
  await following;
  expect(seen.map(({ text }) => text)).toEqual(["last", "before", "just before", "after"]);
});

it("shows what the processes of a deployment print, while the host runs and after", async () => {
  await project.start("d1", "1");
  await project.platform.hosting?.down(project.context, "production");
  const seen: string[] = [];
  const request = { environment: "production", tail: 10, follow: false };
  for await (const { text } of project.platform.logs(project.context, request)) seen.push(text);
  expect(seen).toContain("listening as 1");
});
