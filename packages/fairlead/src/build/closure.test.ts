import { afterAll, describe, expect, it } from "vitest";

import { closeDependencies } from "./closure.ts";
import { linkTarget, placeOf } from "./placement.ts";
import { makeFolder, removeFolders } from "./work-tree.fixture.ts";

afterAll(removeFolders);

/** A package.json that depends on the given packages. */
function needs(...names: string[]): string {
  return JSON.stringify({
    version: "1.0.0",
    dependencies: Object.fromEntries(names.map((name) => [name, "*"])),
  });
}

async function close(root: string, folder = root) {
  const { members, links, missing } = await closeDependencies(root, [{ folder }]);
  return { places: members.map(({ place }) => place).sort(), links: Object.fromEntries(links), missing };
}

describe("closeDependencies", () => {
  it("follows a hoisting and nesting layout, and ends where packages need each other", async () => {
    const root = await makeFolder({
      "package.json": needs("a", "@s/b"),
      "node_modules/a/package.json": needs("c"),
      "node_modules/@s/b/package.json": needs("c", "a"),
      "node_modules/@s/b/node_modules/c/package.json": needs("a"),
      "node_modules/c/package.json": needs(),
      "node_modules/tool/package.json": needs(),
    });
    const places = [
      "node_modules/@s/b",
      "node_modules/@s/b/node_modules/c",
      "node_modules/a",
      "node_modules/c",
    ];
    expect(await close(root)).toEqual({ places, links: {}, missing: [] });
  });

  it("follows a layout of links into a store", async () => {
    const root = await makeFolder({
      "package.json": needs("a"),
      "node_modules/a": { link: ".pnpm/a@1/node_modules/a" },
      "node_modules/.pnpm/a@1/node_modules/a/package.json": needs("@s/b"),
      "node_modules/.pnpm/a@1/node_modules/@s/b": { link: "../../../b@1/node_modules/@s/b" },
      "node_modules/.pnpm/b@1/node_modules/@s/b/package.json": needs(),
    });
    expect(await close(root)).toEqual({
      places: ["node_modules/.pnpm/a@1/node_modules/a", "node_modules/.pnpm/b@1/node_modules/@s/b"],
      links: {
        "node_modules/a": "node_modules/.pnpm/a@1/node_modules/a",
        "node_modules/.pnpm/a@1/node_modules/@s/b": "node_modules/.pnpm/b@1/node_modules/@s/b",
      },
      missing: [],
    });
  });

  it("takes required peers and optional dependencies that are there, optional peers only when something needs them", async () => {
    const peers = { required: "*", optional: "*", shared: "*", absent: "*" };
    const meta = { optional: { optional: true }, shared: { optional: true } };
    const root = await makeFolder({
      "package.json": needs("a", "shared"),
      "node_modules/a": { link: ".store/a/node_modules/a" },
      "node_modules/.store/a/node_modules/a/package.json": JSON.stringify({
        optionalDependencies: { native: "*", "other-system": "*" },
        peerDependencies: peers,
        peerDependenciesMeta: meta,
      }),
      "node_modules/.store/a/node_modules/native/package.json": needs(),
      "node_modules/.store/a/node_modules/required/package.json": needs(),
      "node_modules/.store/a/node_modules/optional/package.json": needs(),
      "node_modules/.store/a/node_modules/shared": { link: "../../../shared" },
      "node_modules/shared/package.json": needs(),
    });
    const { places, links, missing } = await close(root);
    const inStore = ["a", "native", "required"].map((name) => `node_modules/.store/a/node_modules/${name}`);
    expect(places).toEqual([...inStore, "node_modules/shared"]);
    expect(links["node_modules/.store/a/node_modules/shared"]).toBe("node_modules/shared");
    expect(missing).toEqual([]);
  });

  it("names what is missing and who needs it", async () => {
    const root = await makeFolder({
      "package.json": JSON.stringify({ name: "app", dependencies: { a: "*", gone: "*" } }),
      "node_modules/a/package.json": JSON.stringify({ name: "a", dependencies: { far: "*" } }),
    });
    expect((await close(root)).missing).toEqual(["far (by a)", "gone (by app)"]);
  });

  it("finds packages of the repository, and installed ones outside of it", async () => {
    const outside = await makeFolder({
      "node_modules/x/package.json": needs("y"),
      "node_modules/y/package.json": needs(),
      "repository/package.json": needs("x", "own", "linked"),
      "repository/packages/own/package.json": needs("x"),
      "repository/node_modules/own": { link: "../packages/own" },
      "repository/node_modules/linked": { link: "../../elsewhere/linked" },
      "elsewhere/linked/package.json": needs("y"),
    });
    const root = `${outside}/repository`;
    const { members } = await closeDependencies(root, [{ folder: root }]);
    expect(members.filter(({ own }) => own).map(({ place }) => place)).toEqual(["packages/own"]);
    const { links } = await close(root);
    const x = placeOf(root, `${outside}/node_modules/x`);
    const linked = placeOf(root, `${outside}/elsewhere/linked`);
    expect(x).toMatch(/^node_modules\/\.external\/[\da-f]{10}\/node_modules\/x$/);
    expect(links).toMatchObject({
      "node_modules/own": "packages/own",
      "node_modules/x": x,
      "packages/own/node_modules/x": x,
      "node_modules/linked": linked,
      [`${linked}/node_modules/y`]: placeOf(root, `${outside}/node_modules/y`),
    });
  });
});

describe("linkTarget", () => {
  it.each([
    ["node_modules/a", "node_modules/.pnpm/a/node_modules/a", ".pnpm/a/node_modules/a"],
    ["node_modules/@s/a", "packages/a", "../../packages/a"],
    ["a", "b/c", "b/c"],
    ["apps/x/link", "apps", ".."],
    ["apps/x/link", "", "../.."],
    ["apps/x/link", "apps/x/link/inside", "link/inside"],
  ])("%s → %s is %s", (from, to, expected) => {
    expect(linkTarget(from, to)).toBe(expected);
  });
});
