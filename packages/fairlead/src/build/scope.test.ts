import { afterAll, describe, expect, it } from "vitest";

import { testContext } from "../kernel/index.ts";
import { readInputs } from "./inputs.ts";
import { findScope, listSources } from "./scope.ts";
import {
  commitAll,
  configOf,
  git,
  makeFolder,
  removeFolders,
  stackOf,
  writeFiles,
} from "./work-tree.fixture.ts";

afterAll(removeFolders);
const context = testContext();

const single = {
  "package.json": "{}",
  "server.js": "",
  ".env": "SECRET=1",
  ".env.local": "SECRET=1",
  ".env.example": "SECRET=",
  ".npmrc": "//registry/:_authToken=1",
  "config/.env.test": "",
  "node_modules/a/index.js": "",
  "dist/server.js": "",
  ".fairlead/releases/x": "",
};

const workspace = {
  "package.json": "{}",
  "package-lock.json": "{}",
  "tsconfig.base.json": '{ "compilerOptions": {} }',
  "README.md": "",
  "apps/web/package.json": JSON.stringify({ name: "web", dependencies: { ui: "*" } }),
  "apps/web/page.js": "",
  "apps/other/page.js": "",
  "packages/ui/package.json": JSON.stringify({ name: "ui", devDependencies: { presets: "*" } }),
  "packages/ui/index.js": "",
  "packages/presets/package.json": JSON.stringify({ name: "presets" }),
  "packages/unused/index.js": "",
  "node_modules/ui": { link: "../packages/ui" },
  "node_modules/presets": { link: "../packages/presets" },
};

async function sourcesOf(root: string, directory = root, outputs: string[] = []): Promise<string[]> {
  return listSources(context, await findScope(stackOf(directory, { root }), outputs));
}

describe("listSources", () => {
  it("takes what git tracks or does not ignore, never secrets, packages or outputs", async () => {
    const root = await makeFolder({
      ...single,
      ".gitignore": "*.log\n",
      "a.log": "",
      "gone.js": "",
      "new ü.js": "",
    });
    await commitAll(root);
    await git(root, "rm", "-q", "--cached", "server.js");
    await writeFiles(root, { "untracked.js": "", "b.log": "" });
    const expected = [
      ".env.example",
      ".gitignore",
      "gone.js",
      "new ü.js",
      "package.json",
      "server.js",
      "untracked.js",
    ];
    expect(await sourcesOf(root, root, ["./dist/"])).toEqual(expected);
  });

  it("walks the folder where there is no git", async () => {
    const root = await makeFolder({ ...single, "coverage/x": "", "lib/dist-tools.js": "" });
    expect(await sourcesOf(root)).toEqual([".env.example", "lib/dist-tools.js", "package.json", "server.js"]);
  });

  it.each([true, false])(
    "takes an application, the packages it uses and the root's settings (git: %s)",
    async (hasGit) => {
      const root = await makeFolder(workspace);
      if (hasGit) await commitAll(root);
      expect(await sourcesOf(root, `${root}/apps/web`)).toEqual([
        "apps/web/package.json",
        "apps/web/page.js",
        "package-lock.json",
        "package.json",
        "packages/presets/package.json",
        "packages/ui/index.js",
        "packages/ui/package.json",
        "tsconfig.base.json",
      ]);
    },
  );

  it("takes the whole workspace where imports may go anywhere", async () => {
    const paths = '{ // comment\n "compilerOptions": { "paths": { "@x/*": ["packages/*"] } } }';
    const root = await makeFolder({ ...workspace, "tsconfig.base.json": paths });
    expect(await sourcesOf(root, `${root}/apps/web`)).toContain("packages/unused/index.js");
  });

  it("takes migrations that lie outside of the application", async () => {
    const root = await makeFolder({ ...workspace, "database/migrations/1.sql": "" });
    const stack = stackOf(`${root}/apps/web`, {
      root,
      migrations: { tool: "dbmate", directory: "../../database/migrations" },
    });
    expect(await listSources(context, await findScope(stack, []))).toContain("database/migrations/1.sql");
  });

  it("takes the files of submodules", async () => {
    const library = await makeFolder({ "lib.js": "" });
    await commitAll(library);
    const root = await makeFolder({ "server.js": "" });
    await git(root, "init", "-q");
    await git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library, "vendor");
    expect(await sourcesOf(root)).toEqual([".gitmodules", "server.js", "vendor/lib.js"]);
  });

  it("refuses an application outside of its root", async () => {
    const [root, directory] = [await makeFolder(), await makeFolder()];
    await expect(findScope(stackOf(directory, { root }), [])).rejects.toMatchObject({ code: "path-outside" });
  });
});

describe("readInputs", () => {
  async function digest(
    root: string,
    more: { env?: NodeJS.ProcessEnv; config?: object; stack?: object } = {},
  ) {
    const env = { PATH: process.env["PATH"], ...more.env };
    const stack = stackOf(root, more.stack);
    return (await readInputs(testContext({ env }), stack, configOf(more.config))).digest;
  }

  it("has the same digest for the same inputs, committed or not", async () => {
    const root = await makeFolder(single);
    await git(root, "init", "-q");
    const before = await digest(root);
    await commitAll(root);
    expect(await digest(root, { env: { OTHER: "1" } })).toBe(before);
    await writeFiles(root, { ".env": "SECRET=2" });
    expect(await digest(root, { stack: { health: "/health" } })).toBe(before);
  });

  it.each<[string, Record<string, string>, Parameters<typeof digest>[1]]>([
    ["a source", { "server.js": "2" }, {}],
    ["a public build variable of an environment file", { ".env": "NEXT_PUBLIC_A=1" }, {}],
    ["a public build variable", {}, { env: { NEXT_PUBLIC_A: "1" } }],
    ["the build command", {}, { config: { build: { command: ["make"] } } }],
    ["the start command", {}, { config: { start: ["node", "x.js"] } }],
    ["the migrations", {}, { stack: { migrations: { tool: "knex", directory: "m" } } }],
    ["the version of an installed package", { "node_modules/a/package.json": '{"version":"2.0.0"}' }, {}],
  ])("has another digest after a change of %s", async (_name, files, more) => {
    const root = await makeFolder({ ...single, "package.json": '{"dependencies":{"a":"*"}}' });
    await writeFiles(root, { "node_modules/a/package.json": '{"version":"1.0.0"}' });
    const before = await digest(root);
    await writeFiles(root, files);
    expect(await digest(root, more)).not.toBe(before);
  });

  it("counts a folder that a link leads to", async () => {
    const root = await makeFolder({
      ...workspace,
      "apps/web/shared": { link: "../../shared" },
      "shared/a.js": "1",
    });
    const stack = { directory: `${root}/apps/web` };
    const before = await digest(root, { stack });
    await writeFiles(root, { "shared/a.js": "2" });
    expect(await digest(root, { stack })).not.toBe(before);
  });

  it("names missing dependencies", async () => {
    const manifest = {
      dependencies: { gone: "*" },
      optionalDependencies: { native: "*" },
      devDependencies: { tool: "*" },
    };
    const root = await makeFolder({ "package.json": JSON.stringify(manifest) });
    expect((await readInputs(context, stackOf(root), configOf())).missing).toEqual(["gone"]);
  });
});
