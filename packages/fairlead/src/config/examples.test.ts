import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readText, testContext } from "../kernel/index.ts";
import { initialise } from "./init.ts";
import { loadConfig } from "./load.ts";

// Each folder of examples/ is a foreign repository with what is to be found in it; UPDATE=1 records it anew.
const examples = fileURLToPath(new URL("../../../../examples", import.meta.url));
const names = await readdir(examples);
const isRecording = process.env["UPDATE"] === "1";

let temporary: string;
beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), "fairlead-examples-"));
});
afterAll(() => rm(temporary, { recursive: true, force: true }));

async function expectFile(example: string, name: string, actual: string) {
  const path = join(examples, example, "expected", name);
  if (isRecording) await writeFile(path, actual);
  expect(actual).toBe(await readFile(path, "utf8"));
}

async function listFiles(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}

describe.each(names)("%s", (example) => {
  it("is detected and configured as expected, and nothing else is touched", async () => {
    const folder = join(temporary, example);
    const source = join(examples, example);
    await cp(source, folder, {
      recursive: true,
      filter: (path) => !path.slice(source.length).startsWith("/expected"),
    });
    const before = await listFiles(folder);
    const context = testContext({ cwd: folder });

    const first = await initialise(context, ".");
    const stack = JSON.stringify(first.stack, null, 2).replaceAll(folder, "<folder>");
    await expectFile(example, "stack.json", `${stack}\n`);
    await expectFile(
      example,
      "fairlead.config.ts",
      (await readText(join(folder, "fairlead.config.ts"))) ?? "",
    );
    expect(first.written).toEqual([join(folder, "fairlead.config.ts")]);
    expect(await listFiles(folder)).toEqual([...before, "fairlead.config.ts"].sort());

    const loaded = await loadConfig(context);
    expect(Object.keys(loaded.config.environments)).toEqual(["development", "staging", "production"]);

    const second = await initialise(context, ".");
    expect(second.written).toEqual([]);
    expect(second.unchanged).toEqual(first.written);
  });
});
