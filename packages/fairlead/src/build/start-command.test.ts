import { afterAll, describe, expect, it } from "vitest";

import { buildEnvironment } from "./build-run.ts";
import { migrationNeeds, packageOf, startNeeds } from "./imports.ts";
import { checkNodeVersion } from "./node-version.ts";
import { namedParts } from "./packages.ts";
import { releaseName } from "./publication.ts";
import { parseStart } from "./start-command.ts";
import { makeFolder, removeFolders } from "./work-tree.fixture.ts";

afterAll(removeFolders);

describe("parseStart", () => {
  it.each([
    [["node", "server.js"], { kind: "node", entry: "server.js", args: [], nodeArgs: [] }],
    [
      ["node", "--import", "tsx", "--max-old-space-size=512", "./src/a.ts", "--port", "1"],
      {
        kind: "node",
        entry: "src/a.ts",
        args: ["--port", "1"],
        nodeArgs: ["--import", "tsx", "--max-old-space-size=512"],
      },
    ],
    [
      ["node", "--env-file=.env", "--env-file", ".env.local", "a.js"],
      {
        kind: "node",
        entry: "a.js",
        args: [],
        nodeArgs: ["--env-file-if-exists=.env", "--env-file-if-exists", ".env.local"],
      },
    ],
    [["node", "-e", "1"], { kind: "command", argv: ["node", "-e", "1"] }],
    [["node", "--watch", "x.js"], { kind: "command", argv: ["node", "--watch", "x.js"] }],
    [["node"], { kind: "command", argv: ["node"] }],
    [["python3", "app.py"], { kind: "command", argv: ["python3", "app.py"] }],
  ])("%j", (argv, expected) => {
    expect(parseStart(argv)).toEqual(expected);
  });
});

describe("packageOf", () => {
  it.each([
    ["pg", "pg"],
    ["pg/lib/x.js", "pg"],
    ["@s/a/b", "@s/a"],
    ["node:fs", undefined],
    ["fs", undefined],
    ["./x", undefined],
    ["/x", undefined],
    ["https://a/b", undefined],
    ["@s", undefined],
  ])("%s: %s", (specifier, expected) => {
    expect(packageOf(specifier)).toBe(expected);
  });
});

describe("needs", () => {
  it("of a start command are its entry's package and what it preloads", () => {
    const nodeArgs = ["--import", "tsx/esm", "--require=./local.js", "-r", "@s/hook"];
    const entry = "../../node_modules/.pnpm/next@1/node_modules/next/dist/bin/next";
    const names = startNeeds({ kind: "node", entry, args: [], nodeArgs }).map(({ name }) => name);
    expect(names).toEqual(["next", "tsx", "@s/hook"]);
    expect(startNeeds({ kind: "command", argv: ["npm", "start"] })).toEqual([]);
  });

  it("of migrations are the tool, its drivers, and what the files and the tool's config import", async () => {
    const folder = await makeFolder({
      "m/1.ts":
        'import { sql } from "kysely";\nconst x = require(\'lodash/get\');\nexport * from "../src/ids.js"',
      "src/ids.ts": 'await import("nanoid")',
      "src/unrelated.ts": 'import "express"',
      "knexfile.ts": 'import "dotenv/config"',
    });
    const needs = await migrationNeeds(folder, { tool: "knex", directory: "m" });
    const names = needs.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(["knex", "pg", "kysely", "lodash", "nanoid", "dotenv", "tsx"]),
    );
    expect(names).not.toContain("express");
    expect(needs.filter(({ optional }) => !optional)).toEqual([{ name: "knex", optional: false }]);
    expect(await migrationNeeds(folder, undefined)).toEqual([]);
  });
});

describe("namedParts", () => {
  it("reads entry points in every form", () => {
    const exports = {
      ".": { import: "./dist/a.js", default: "./lib/b.cjs" },
      "./*": "./out/*.js",
      "./all/*": "./*",
    };
    const parts = namedParts({
      main: "./dist/a.js",
      exports,
      files: ["bin", "!bin/x", "../up"],
      bin: { x: "cli.js" },
    });
    expect(parts.toSorted()).toEqual(["bin", "cli.js", "dist/a.js", "lib/b.cjs", "out"]);
  });
});

describe("checkNodeVersion", () => {
  it.each([
    ["^24", true],
    [">=22.18 <25", true],
    ["24.x || 22", true],
    ["v24.1.0", true],
    ["20", false],
    ["lts/*", true],
    [undefined, true],
  ])("%s: %s", (wanted, fits) => {
    expect(checkNodeVersion(wanted, "v24.1.0") === undefined).toBe(fits);
  });
});

describe("releaseName", () => {
  it.each([
    ["1.0.0", { sha: "abcdef0123", dirty: false }, "1.0.0-abcdef0-12345678"],
    ["1.0.0-rc.1+b", { sha: "abcdef0123", dirty: true }, "1.0.0-rc.1+b-abcdef0-dirty-12345678"],
    ["", { dirty: false }, "0-nogit-12345678"],
    ["../x y", { dirty: false }, "_x_y-nogit-12345678"],
  ])("of %j", (version, state, expected) => {
    expect(releaseName(version, state, "1234567890")).toBe(expected);
  });
});

describe("buildEnvironment", () => {
  it("puts the application's programs before everything else on the path", () => {
    const { PATH } = buildEnvironment({ PATH: "/usr/bin" }, { folder: "/r/a", root: "/r", variables: {} });
    expect(String(PATH)).toMatch(/^\/r\/a\/node_modules\/\.bin:\/r\/node_modules\/\.bin:.*:\/usr\/bin$/);
  });
});
