import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { loadConfig } from "../../config/index.ts";
import { testContext } from "../../kernel/index.ts";
import { main } from "../main.ts";

let root = "";
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "fairlead-init-")));
  await writeFile(join(root, "package.json"), `{ "name": "shop", "scripts": { "start": "node server.js" } }`);
  await writeFile(join(root, "server.js"), `require("node:http").createServer().listen(process.env.PORT);`);
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

it("writes the configuration and nothing else, says what it found and what it did not, and what comes next", async () => {
  const context = testContext({ cwd: root });
  expect(await main(["init"], context)).toBe(0);
  expect((await readdir(root)).toSorted()).toEqual(["fairlead.config.ts", "package.json", "server.js"]);
  const text = context.out.stdout.join("\n");
  expect(text).toMatch(/start +node server\.js/);
  expect(text).toContain(`wrote ${join(root, "fairlead.config.ts")}`);
  expect(text).toMatch(/Could not be found out:\n[^]*health\.path: /);
  expect(context.out.stdout.at(-1)).toBe("Next: fairlead doctor");
  const { config } = await loadConfig(testContext({ cwd: root }));
  expect(config.application).toBe("shop");
});

it("changes nothing when it runs again", async () => {
  await main(["init"], testContext({ cwd: root }));
  const file = join(root, "fairlead.config.ts");
  await writeFile(file, `${await readFile(file, "utf8")}// mine\n`);
  const context = testContext({ cwd: root });
  expect(await main(["init", "--json"], context)).toBe(0);
  expect(context.out.values).toMatchObject([{ ok: true, data: { written: [], unchanged: [file] } }]);
  expect(await readFile(file, "utf8")).toMatch(/\/\/ mine\n$/);
  expect(await readdir(root)).toHaveLength(3);
});
