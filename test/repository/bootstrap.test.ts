import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";

import { afterEach, beforeEach, expect, it } from "vitest";

import { installReason } from "../../scripts/installation.mjs";

const scripts = join(import.meta.dirname, "../../scripts");

// Stands for the CLI: prints its arguments, then waits for signals and ends with 7 after the first one.
const program = `
for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => {
  process.stdout.write(name + "\\n");
  setTimeout(() => process.stdout.write("ended\\n", () => process.exit(7)), 300);
});
process.stdout.write(JSON.stringify(process.argv.slice(2)) + " " + process.execPath + "\\n");
if (process.argv.includes("--once")) process.exit(5);
setInterval(() => {}, 1000);
`;

let root = "";
beforeEach(async () => {
  const parent = await realpath(await mkdtemp(join(tmpdir(), "fairlead bootstrap ")));
  root = join(parent, "a clone");
  await cp(scripts, join(root, "scripts"), { recursive: true });
  await mkdir(join(root, "packages/fairlead/bin"), { recursive: true });
  await writeFile(join(root, "packages/fairlead/bin/fairlead.js"), program);
  await writeJson("package.json", { name: "clone", version: "1.0.0", type: "module" });
  await writeLocks({});
  await mkdir(join(root, "node_modules/.bin"), { recursive: true });
  await symlink(process.execPath, join(root, "node_modules/.bin/node"));
});
afterEach(async () => {
  await rm(join(root, ".."), { recursive: true, force: true });
});

async function writeJson(path: string, value: unknown) {
  await writeFile(join(root, path), JSON.stringify(value));
}

async function writeLocks(packages: object, installed: object = packages) {
  const wrap = (entries: object) => ({
    name: "clone",
    version: "1.0.0",
    lockfileVersion: 3,
    packages: entries,
  });
  await mkdir(join(root, "node_modules"), { recursive: true });
  await writeJson("package-lock.json", wrap({ "": { name: "clone", version: "1.0.0" }, ...packages }));
  await writeJson("node_modules/.package-lock.json", wrap(installed));
}

function bootstrap(...args: string[]) {
  return run([process.execPath, join(root, "scripts/bootstrap.mjs"), ...args], tmpdir());
}

function run([program = "", ...args]: string[], cwd: string) {
  const child = spawn(program, args, { cwd, stdio: ["pipe", "pipe", "pipe"], timeout: 30_000 });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return { child, text: () => text, code: once(child, "close").then(() => child.exitCode) };
}

async function firstOutput(child: { stdout: Readable }) {
  await once(child.stdout, "data");
}

it("starts `up --journey` with the arguments and the Node.js of the clone, and passes the exit code", async () => {
  const { text, code } = bootstrap("start", "--once", "--port", "a b");
  expect(await code).toBe(5);
  expect(text()).toBe(`["up","--journey","--once","--port","a b"] ${process.execPath}\n`);
});

it.each(["SIGINT", "SIGTERM"] as const)("passes %s on exactly once and waits for the end", async (signal) => {
  const { child, text, code } = bootstrap("start");
  await firstOutput(child);
  child.kill(signal);
  expect(await code).toBe(7);
  expect(text().split("\n").slice(1)).toEqual([signal, "ended", ""]);
});

it("on a terminal, passes one Ctrl-C on as one, also below npm", async () => {
  await writeJson("package.json", {
    name: "clone",
    version: "1.0.0",
    type: "module",
    scripts: { start: "node scripts/bootstrap.mjs start" },
  });
  const inTerminal = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
  const { child, text, code } = run(["python3", "-c", inTerminal, "npm", "start"], root);
  while (!text().includes(`["up","--journey"] `)) await firstOutput(child);
  child.stdin.write("\u0003");
  await code;
  expect(text().match(/SIGINT|ended/g)).toEqual(["SIGINT", "ended"]);
});

it("installs first where node_modules is missing, says why, and not again after that", async () => {
  await mkdir(join(root, "vendor/a"), { recursive: true });
  await writeJson("vendor/a/package.json", { name: "a", version: "1.0.0" });
  const dependencies = { a: "file:vendor/a" };
  await writeJson("package.json", { name: "clone", version: "1.0.0", type: "module", dependencies });
  await writeLocks({
    "": { name: "clone", version: "1.0.0", dependencies },
    "node_modules/a": { resolved: "vendor/a", link: true },
    "vendor/a": { version: "1.0.0" },
  });
  await rm(join(root, "node_modules"), { recursive: true });
  const first = bootstrap("start", "--once");
  expect(await first.code).toBe(5);
  expect(first.text()).toMatch(
    /^installing the dependencies: there is no node_modules yet\n[^]*"up","--journey"/,
  );
  const second = bootstrap("start", "--once");
  expect(await second.code).toBe(5);
  expect(second.text()).not.toContain("installing");
});

it("ends with npm's exit code where the installation fails", async () => {
  await writeJson("package.json", {
    name: "clone",
    version: "1.0.0",
    dependencies: { missing: "file:missing" },
  });
  await writeLocks({ "node_modules/missing": { version: "1.0.0" } }, {});
  const { text, code } = bootstrap("start", "--once");
  expect(await code).toBe(1);
  expect(text()).toMatch(/^installing the dependencies: node_modules\/missing is missing/);
  expect(text()).not.toContain("--journey");
});

it("refuses an unknown task", async () => {
  const { text, code } = bootstrap("strat");
  expect(await code).toBe(2);
  expect(text()).toContain("install|start|test");
});

it.each([
  ["the same", { a: "1.0.0" }, { a: "1.0.0" }, undefined],
  [
    "a newer lockfile",
    { a: "2.0.0" },
    { a: "1.0.0" },
    "node_modules/a is 1.0.0, package-lock.json says 2.0.0",
  ],
  ["a package more", { a: "1.0.0", b: "1.0.0" }, { a: "1.0.0" }, "node_modules/b is missing"],
  ["a package less", {}, { a: "1.0.0" }, "node_modules/a is not in package-lock.json"],
])("with %s, the reason is found in the lockfiles", async (_case, wanted, installed, reason) => {
  const entries = (versions: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(versions).map(([name, version]) => [`node_modules/${name}`, { version }]),
    );
  await writeLocks(entries(wanted), entries(installed));
  expect(installReason(root)).toBe(reason);
});

it("does not miss optional packages of other platforms", async () => {
  await writeLocks({ "node_modules/win": { version: "1.0.0", optional: true } }, {});
  expect(installReason(root)).toBeUndefined();
});

it("installs again after an installation that was interrupted", async () => {
  await rm(join(root, "node_modules/.package-lock.json"));
  expect(installReason(root)).toBe("the last installation did not end");
});
