import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { FairleadError, testContext } from "../kernel/index.ts";
import { environmentOf } from "./environment.ts";
import { loadConfig } from "./load.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "fairlead-config-"));
  await writeFile(join(root, "package.json"), `{ "name": "foreign" }`);
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function write(source: string, name = "fairlead.config.ts") {
  await writeFile(join(root, name), source);
}

async function failure(cwd = root): Promise<FairleadError> {
  const error: unknown = await loadConfig(testContext({ cwd })).catch((thrown: unknown) => thrown);
  if (error instanceof FairleadError) return error;
  throw new Error("loadConfig did not fail as it should", { cause: error });
}

const minimal = `import type { Config } from "fairlead";
export default { application: "shop", environments: { staging: {}, production: { from: "staging" } } } satisfies Config;
`;

describe("a configuration that is right", () => {
  it("is found upwards and gets its defaults, in a folder without a module type and without the package", async () => {
    await write(minimal);
    await mkdir(join(root, "src/deep"), { recursive: true });
    const loaded = await loadConfig(testContext({ cwd: join(root, "src/deep") }));
    expect(loaded).toMatchObject({ file: join(root, "fairlead.config.ts"), root });
    expect(loaded.config.environments["production"]).toMatchObject({
      port: 3000,
      from: "staging",
      instances: 1,
    });
    expect(loaded.config.environments["staging"]).toMatchObject({ port: 3001, platform: "local" });
    expect(loaded.config.watch.seconds).toBe(15);
  });

  it("is read anew after it, or what it imports, has changed", async () => {
    await write(
      `import { name } from "./name.ts"; export default { application: name, environments: { staging: {} } };`,
    );
    await write(`export const name: string = "first";`, "name.ts");
    expect((await loadConfig(testContext({ cwd: root }))).config.application).toBe("first");
    await write(`export const name: string = "second";`, "name.ts");
    expect((await loadConfig(testContext({ cwd: root }))).config.application).toBe("second");
  });

  it("may be named, be JavaScript, print something and hold an address with a password", async () => {
    const url = "redis://user:password@cache:6379";
    await write(
      `console.log("fairlead-config: hello"); export default { application: "shop", variables: { CACHE: "${url}" }, environments: { staging: {} } };`,
      "other.mjs",
    );
    const loaded = await loadConfig(testContext({ cwd: root }), { file: "other.mjs" });
    expect(loaded.config.variables["CACHE"]).toBe(url);
  });
});

describe("a configuration that cannot be loaded", () => {
  it("says where it was looked for", async () => {
    const error = await failure();
    expect(error).toMatchObject({ code: "config-missing", exit: "usage" });
    expect(error.message).toContain(root);
    expect(error.hint).toContain("fairlead init");
  });

  it.each([
    [
      "a mistake in the syntax",
      "export default {\n  application: \n  ]\n",
      "fairlead.config.ts:3",
      "expected",
    ],
    [
      "an exception",
      `const a = 1;\nthrow new Error("no luck");\nexport default { a };\n`,
      "fairlead.config.ts:2",
      "no luck",
    ],
    [
      "a missing package",
      `import x from "not-there";\nexport default x;\n`,
      "fairlead.config.ts",
      "'not-there'",
    ],
    [
      "TypeScript that is more than types",
      `\nenum A { B }\nexport default A;\n`,
      "fairlead.config.ts:2",
      "enum",
    ],
    ["no default export", `export const a = 1;\n`, "fairlead.config.ts", "no default export"],
  ])("names file, line and message of %s", async (_, source, place, message) => {
    await write(source);
    const error = await failure();
    expect(error).toMatchObject({ code: "config-unloadable", exit: "usage" });
    expect(error.message).toContain(join(root, place));
    expect(error.message.toLowerCase()).toContain(message.toLowerCase());
  });
});

describe("a configuration with mistakes", () => {
  it("reports all five at once, of the schema and between the parts, with path and expectation", async () => {
    await write(`export default {
      application: "Shop",
      helth: { path: "/health" },
      watch: { errorRateRise: 3 },
      environments: {
        staging: { port: "abc" },
        production: { from: "stagign" },
      },
    };`);
    const error = await failure();
    expect(error).toMatchObject({ code: "config-invalid", exit: "usage" });
    expect(error.message).toContain("5 problems");
    expect(error.details).toEqual([
      'application: is "Shop", expected lower-case letters, digits and -, at most 40, beginning with a letter',
      "watch.errorRateRise: is 3, expected a number from 0 to 1",
      'environments.staging.port: is "abc", expected a whole number from 1 to 65535',
      "helth: is not a known key (did you mean health?)",
      'environments.production.from: is "stagign", which is no environment; did you mean staging? (expected one of staging)',
    ]);
  });

  it.each<[string, string, string[]]>([
    [
      "a misspelt key that must be there, as one mistake",
      `{ aplication: "shop", environments: { staging: {} } }`,
      ["aplication: is not a known key (did you mean application?)"],
    ],
    [
      "what is meant by one of several alternatives",
      `{ application: "shop", migrations: { tool: "kex" }, variables: { A: { secert: true } }, environments: { staging: {} } }`,
      [
        'migrations.tool: is "kex", expected one of "node-pg-migrate", "drizzle-kit", "knex", "kysely-ctl", "prisma", "typeorm", "dbmate", "graphile-migrate"',
        "variables.A.secert: is not a known key (did you mean secret?)",
      ],
    ],
    [
      "a broken item of a list without losing the rest",
      `{ application: "shop", smoke: { checks: [{ path: "x" }] }, environments: { staging: { from: "staging" } } }`,
      [
        'smoke.checks[0].path: is "x", expected a path that begins with /',
        'environments.staging.from: is "staging" itself (expected another environment)',
      ],
    ],
    ["that it is no object", `"shop"`, ['the configuration: is "shop", expected an object { … }']],
  ])("reports %s", async (_, config, details) => {
    await write(`export default ${config};`);
    expect((await failure()).details).toEqual(details);
  });

  it("never shows the value of a variable", async () => {
    await write(
      `export default { application: "shop", variables: { KEY: 918273645 }, environments: { staging: {} } };`,
    );
    const error = await failure();
    expect(error.details).toEqual([
      "variables.KEY: is of the type number, expected a string or an object { … }",
    ]);
    expect(JSON.stringify(error)).not.toContain("918273645");
  });
});

describe("environmentOf", () => {
  it("finds an environment, or the one that was meant", async () => {
    await write(minimal);
    const loaded = await loadConfig(testContext({ cwd: root }));
    expect(environmentOf(loaded, "staging").port).toBe(3001);
    expect(() => environmentOf(loaded, "prodution")).toThrow("did you mean production?");
    expect(() => environmentOf(loaded, "constructor")).toThrow(FairleadError);
  });
});
