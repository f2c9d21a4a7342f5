import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type Context, testContext } from "../../kernel/index.ts";
import type { Finding } from "../doctor/finding.ts";
import { main } from "../main.ts";

let root = "";
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "fairlead-doctor-")));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function diagnose(parts: Partial<Context> = {}) {
  const context = testContext({ cwd: root, ...parts });
  const code = await main(["doctor", "--json"], context);
  const [document] = context.out.values as { data: { checks: Finding[] } }[];
  const checks = document?.data.checks ?? [];
  return { code, of: (name: string) => checks.filter((check) => check.name === name) };
}

async function writeProject(config: { port: number; variables?: string }) {
  await writeFile(join(root, "package.json"), `{ "name": "shop", "scripts": { "start": "node server.js" } }`);
  await writeFile(join(root, "server.js"), `require("node:http").createServer().listen(process.env.PORT);`);
  await writeFile(
    join(root, "fairlead.config.ts"),
    `export default {
      application: "shop", health: { path: "/" }, variables: ${config.variables ?? "{}"},
      environments: { staging: { port: ${String(config.port)} } },
    };`,
  );
}

async function git(...args: string[]) {
  const { exec } = testContext({ cwd: root });
  const identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"];
  expect((await exec(["git", ...identity, ...args])).code).toBe(0);
}

async function listen() {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { port: address.port, close: () => new Promise((resolve) => server.close(resolve)) };
}

async function freePort() {
  const { port, close } = await listen();
  await close();
  return port;
}

describe("doctor", () => {
  it("finds nothing to fail in a project as it should be, and changes nothing", async () => {
    await writeProject({ port: await freePort(), variables: `{ KEY: { secret: true, generate: true } }` });
    await git("init", "--initial-branch=main");
    await git("add", ".");
    await git("commit", "--message=first");
    const { code, of } = await diagnose();
    expect(code).toBe(0);
    for (const name of ["configuration", "database", "addresses", "variables", "state folder", "disk"]) {
      expect(of(name), name).toEqual([expect.objectContaining({ state: "ok" })]);
    }
    expect(of("git")).toEqual([{ name: "git", state: "ok", message: "main, clean" }]);
    expect(of("application")[0]?.message).toContain("shop");
    expect((await testContext({ cwd: root }).exec(["git", "status", "--short"])).stdout).toBe("");
  });

  it("fails without a configuration, and still looks at the machine", async () => {
    const { code, of } = await diagnose();
    expect(code).toBe(1);
    expect(of("configuration")).toMatchObject([
      { state: "fail", remedy: expect.stringContaining("fairlead init") },
    ]);
    expect(of("Node.js")).toEqual([{ name: "Node.js", state: "ok", message: process.versions.node }]);
    expect(of("addresses")).toEqual([]);
  });

  it("lists every mistake of a configuration", async () => {
    await writeFile(
      join(root, "fairlead.config.ts"),
      `export default { application: "A", environments: 1 };`,
    );
    const { code, of } = await diagnose();
    expect(code).toBe(1);
    expect(of("configuration")[0]?.details).toHaveLength(2);
  });

  it("names the port that is taken, and the variable without a value", async () => {
    const { port, close } = await listen();
    await writeProject({ port, variables: `{ STRIPE_KEY: { secret: true } }` });
    const { code, of } = await diagnose();
    await close();
    expect(code).toBe(1);
    expect(of("addresses")).toMatchObject([{ state: "fail" }]);
    expect(of("addresses")[0]?.message).toContain(`port ${String(port)} is in use`);
    expect(of("variables")[0]).toMatchObject({ state: "fail", message: "staging: STRIPE_KEY: has no value" });
    expect(of("variables")[0]?.remedy).toContain("STRIPE_KEY=…");
  });

  it("warns of a repository that has changes, is detached, or is none", async () => {
    await writeProject({ port: await freePort() });
    expect((await diagnose()).of("git")[0]).toMatchObject({ state: "warn", remedy: "git init, and commit" });
    await git("init", "--initial-branch=main");
    await git("add", ".");
    await git("commit", "--message=first");
    await git("checkout", "--detach", "--quiet");
    expect((await diagnose()).of("git")[0]?.message).toMatch(/^detached at [\da-f]{9}, clean$/);
    await writeFile(join(root, "more.js"), "");
    expect((await diagnose()).of("git")[0]).toMatchObject({ state: "warn", details: ["more.js"] });
  });

  it("says what is missing on a machine with nothing but Node.js", async () => {
    await writeProject({ port: await freePort() });
    const programs = join(root, "programs");
    await mkdir(programs);
    await symlink(process.execPath, join(programs, "node"));
    const { of } = await diagnose({
      env: { PATH: programs },
      exec: testContext({ cwd: root, env: { PATH: programs } }).exec,
    });
    expect(of("git")).toMatchObject([{ state: "warn", remedy: "install git" }]);
    expect(of("npm")).toMatchObject([{ state: "warn" }]);
    expect(of("Docker")).toMatchObject([
      { state: "note", remedy: expect.stringContaining("docs.docker.com") },
    ]);
    expect(of("pg_dump")).toMatchObject([{ state: "note" }]);
    expect(of("application").at(-1)).toMatchObject({
      state: "fail",
      message: expect.stringMatching(/^npm, its package manager/),
    });
  });

  it("prints lines for people", async () => {
    const context = testContext({ cwd: root });
    expect(await main(["doctor"], context)).toBe(1);
    expect(context.out.stdout[0]).toMatch(/^FAIL {2}configuration: there is no fairlead\.config\.ts/);
    expect(context.out.stdout[1]).toMatch(/^ {6}→ Run `fairlead init`/);
  });
});
