import { describe, expect, it } from "vitest";

import { findLooseVersions, findRegistryAddresses, findUnexplained, type Manifest } from "./dependencies.ts";
import { findConsoles, findPromises, findWeakTests } from "./honesty.ts";
import { findCircularImports, findMisplacedImports } from "./imports.ts";
import { findEmptyNames, findLongFiles, findLongFunctions, findOddFileNames } from "./shape.ts";
import { manifestPaths, parseSource, readRepositoryFile, readSources } from "./sources.ts";

const sources = readSources();
const manifests = manifestPaths().map((path) => JSON.parse(readRepositoryFile(path)) as Manifest);
const dependencyDocument = readRepositoryFile("docs/decisions/dependencies.md");

const sample = (path: string, ...lines: string[]) => [parseSource(path, lines.join("\n"))];
const deploy = "packages/fairlead/src/deploy/x.ts";

describe("the repository", () => {
  it("is read", () => {
    expect(sources.map(({ path }) => path)).toContain("packages/fairlead/src/kernel/context.ts");
    expect(sources.length).toBeGreaterThan(100);
  });

  it.each([
    ["imports only from earlier folders, through their index", findMisplacedImports],
    ["has no circular imports", findCircularImports],
    ["has no file of more than 300 lines", findLongFiles],
    ["has no function of more than 60 lines", findLongFunctions],
    ["names things by what they are", findEmptyNames],
    ["names files in kebab-case", findOddFileNames],
    ["makes no promises in comments", findPromises],
    ["writes to the terminal in the printer only", findConsoles],
    ["skips and focuses no test", findWeakTests],
  ])("%s", (_rule, find) => {
    expect(find(sources)).toEqual([]);
  });

  it("explains every runtime dependency, with an exact version", () => {
    expect(findUnexplained(manifests, dependencyDocument)).toEqual([]);
    expect(findLooseVersions(manifests)).toEqual([]);
  });

  it("has a lockfile that holds for every registry", () => {
    expect(findRegistryAddresses(readRepositoryFile("package-lock.json"))).toEqual([]);
  });
});

describe("the rules find", () => {
  it.each([
    ['import { a } from "../server/index.ts";', "is in a later folder"],
    ['import type { a } from "../cli/index.ts";', "is in a later folder"],
    ['export * from "../server/index.ts";', "is in a later folder"],
    ['const a = await import("../server/index.ts");', "is in a later folder"],
    ['let a: import("../server/index.ts").A;', "is in a later folder"],
    ['import { a } from "../kernel/errors.ts";', "goes past kernel/index.ts"],
    ['import { a } from "./index.ts";', "is the folder's own index"],
    ['import { a } from "../index.ts";', "is the package's index"],
    ['import { a } from "../../test/cli/screen.ts";', "lies outside of src/"],
  ])("%s", (line, fault) => {
    expect(findMisplacedImports(sample(deploy, "// first", line))).toEqual([
      expect.stringMatching(new RegExp(`^${deploy}:2: \\S+ ${fault}$`)),
    ]);
  });

  it("nothing in imports as they should be", () => {
    const right = [
      'import { a } from "../kernel/index.ts";',
      'import { b } from "./steps/build.ts";',
      'import "pg";',
    ];
    expect(findMisplacedImports(sample(deploy, ...right))).toEqual([]);
  });

  it("a folder that has no place in the order", () => {
    expect(findMisplacedImports(sample("packages/fairlead/src/extra/x.ts", ""))).toHaveLength(1);
  });

  it("rings of imports", () => {
    const files = [
      parseSource("a/one.ts", 'import "./two.ts";'),
      parseSource("a/two.ts", 'import type { X } from "../b/three.ts";'),
      parseSource("b/three.ts", 'export * from "../a/one.ts"; import "./four.ts";'),
      parseSource("b/four.ts", ""),
    ];
    expect(findCircularImports(files)).toEqual(["a/one.ts → a/two.ts → b/three.ts → a/one.ts"]);
  });

  it("long files and functions", () => {
    const body = Array.from({ length: 59 }, () => "  work();");
    expect(findLongFunctions(sample("a.ts", "function f() {", ...body, "}"))).toEqual([
      "a.ts:1: 61 lines, at most 60",
    ]);
    expect(findLongFunctions(sample("a.ts", "const f = () => {", ...body.slice(1), "};"))).toEqual([]);
    expect(findLongFiles(sample("a.ts", ...Array.from({ length: 301 }, () => "work();")))).toHaveLength(1);
  });

  it("functions inside as functions of their own", () => {
    const inner = ["  return { f() {", ...Array.from({ length: 40 }, () => "    work();"), "  } };"];
    expect(findLongFunctions(sample("a.ts", "function f() {", ...inner, ...inner, "}"))).toEqual([]);
    const body = Array.from({ length: 60 }, () => "    work();");
    expect(
      findLongFunctions(sample("a.ts", "function f() {", "  return () => {", ...body, "  };", "}")),
    ).toEqual(["a.ts:2: 62 lines, at most 60"]);
  });

  it.each([
    ["src/utils.ts", ""],
    ["src/common/x.ts", ""],
    ["src/string-helpers.ts", ""],
    ["src/x.ts", "class LeaseManager {}"],
    ["src/x.ts", "export interface DeployService { a: 1 }"],
  ])("the empty name in %s %s", (path, line) => {
    expect(findEmptyNames(sample(path, line))).toHaveLength(1);
  });

  it("file names that are not in kebab-case", () => {
    expect(findOddFileNames(sample("src/exitCodes.ts", ""))).toEqual(["src/exitCodes.ts"]);
  });

  it.each([
    'it.only("x", f);',
    'describe.skip("x", f);',
    'it.each([1]).skip("x", f);',
    "test.skip();",
    'it.concurrent.only("x", f);',
    'it.skipIf(process.env.CI)("x", f);',
    'xit("x", f);',
    'it.todo("x");',
  ])("the weak test %s", (line) => {
    expect(findWeakTests(sample("a.test.ts", line))).toHaveLength(1);
  });

  it("no weak test in one that needs root", () => {
    expect(findWeakTests(sample("a.test.ts", 'it.runIf(isRoot())("x", f);'))).toEqual([]);
    expect(findWeakTests(sample("a.test.ts", 'it.runIf(hasDocker())("x", f);'))).toHaveLength(1);
  });

  it("promises, consoles, unexplained and loose dependencies, registries", () => {
    expect(findPromises(sample("a.ts", `// ${["TO", "DO"].join("")}: later`))).toHaveLength(1);
    expect(findConsoles(sample(deploy, 'console.log("x");'))).toHaveLength(1);
    expect(findConsoles(sample("packages/fairlead/src/cli/printer.ts", 'console.log("x");'))).toEqual([]);
    const manifest = { name: "a", dependencies: { pg: "^8.0.0", zod: "4.6.7" } };
    expect(findUnexplained([manifest], "| `zod` | validates what people write |")).toHaveLength(1);
    expect(findLooseVersions([manifest])).toHaveLength(1);
    const lockfile = {
      packages: { "": {}, "node_modules/a": { resolved: "https://registry.example/a.tgz" } },
    };
    expect(findRegistryAddresses(JSON.stringify(lockfile))).toHaveLength(1);
  });
});
