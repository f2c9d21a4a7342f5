import { execFile } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { type Config, configSchema } from "../config/index.ts";
import { type Context, createExec, testContext } from "../kernel/index.ts";
import type { Stack } from "../stack/index.ts";
import { buildRelease, type BuildRequest, type BuildResult } from "./build.ts";
import type { BuildConfig } from "./inputs.ts";
import { type Release, treeName } from "./release.ts";

const run = promisify(execFile);
const folders: string[] = [];

/** Content of a file; `{ link }` is a symbolic link, `{ program }` an executable file. */
type Content = string | { link: string } | { program: string };

/** A new temporary folder with the given files; removed by `removeFolders`. */
export async function makeFolder(files: Record<string, Content> = {}): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "fairlead-build-")));
  folders.push(folder);
  await writeFiles(folder, files);
  return folder;
}

export async function removeFolders(): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
}

export async function writeFiles(folder: string, files: Record<string, Content>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    if (typeof content === "string") await writeFile(target, content);
    else if ("link" in content) await symlink(content.link, target);
    else {
      await writeFile(target, content.program);
      await chmod(target, 0o755);
    }
  }
}

export async function git(folder: string, ...args: string[]): Promise<string> {
  const identity = [
    "-c",
    "user.name=Test",
    "-c",
    "user.email=test@example.com",
    "-c",
    "init.defaultBranch=main",
  ];
  const { stdout } = await run("git", [...identity, ...args], { cwd: folder });
  return stdout.trim();
}

/** Makes a repository of a folder, if it is none, and commits all; gives the commit. */
export async function commitAll(folder: string, subject = "change"): Promise<string> {
  await git(folder, "init", "-q");
  await git(folder, "add", "-A");
  await git(folder, "commit", "-q", "--allow-empty", "-m", subject);
  return git(folder, "rev-parse", "HEAD");
}

/** A context in which a program such as git is not there. */
export async function contextWithout(): Promise<Context> {
  const env = { PATH: await makeFolder() };
  const { signal } = new AbortController();
  return testContext({ env, exec: createExec({ cwd: "/", env, signal }) });
}

export function stackOf(directory: string, parts: Partial<Stack> = {}): Stack {
  return {
    directory,
    root: directory,
    name: "app",
    version: "1.2.3",
    framework: "node",
    packageManager: "npm",
    workspaces: [],
    buildOutputs: [],
    start: { kind: "node", entry: "server.js", args: [], nodeArgs: [] },
    variables: [],
    unknown: [],
    ...parts,
  };
}

export function configOf(parts: Partial<Config> = {}): BuildConfig {
  return configSchema.parse({ application: "app", environments: {}, ...parts });
}

export interface Built extends BuildResult {
  printed: string;
}

/** Builds a release of a stack with an empty configuration. */
export async function build(
  stack: Stack,
  request: Partial<BuildRequest> = {},
  context: Context = testContext(),
): Promise<Built> {
  let printed = "";
  const result = await buildRelease(context, {
    root: stack.root,
    stack,
    config: configOf(),
    onOutput: (text) => {
      printed += text;
    },
    ...request,
  });
  return { ...result, printed };
}

/**
 * Starts a release from a copy far away from the work tree, so that nothing can be found there by accident; gives what its
 * entry printed.
 */
export async function runElsewhere(release: Release): Promise<string> {
  const away = await makeFolder();
  await cp(join(release.directory, treeName), away, { recursive: true, verbatimSymlinks: true });
  const { start } = release;
  if (start.kind !== "node") throw new TypeError("only Node.js entries");
  const argv = [...start.nodeArgs, start.entry, ...start.args];
  const { stdout } = await run(process.execPath, argv, { cwd: join(away, release.application) });
  return stdout.trim();
}

/** An application that prints `one` and needs no build. */
export const printer = {
  "package.json": '{"type":"module"}',
  "server.js": 'import "./text.js"',
  "text.js": 'console.log("one")',
};
/** Copies source.js to dist/server.js. */
export const buildScript = `
  const { mkdirSync, readFileSync, writeFileSync } = require("node:fs");
  mkdirSync("dist", { recursive: true });
  writeFileSync("dist/server.js", readFileSync("source.js"));
  console.log("built");`;
/** An application that prints `one` and is built by a script of its own. */
export const built = {
  "package.json": "{}",
  "source.js": 'console.log("one")',
  "build.cjs": buildScript,
  ".gitignore": "dist\n.fairlead\n",
};
/** The stack of `built`. */
export function builtStackOf(root: string, parts: Partial<Stack> = {}): Stack {
  const start: Stack["start"] = { kind: "node", entry: "dist/server.js", args: [], nodeArgs: [] };
  return stackOf(root, { build: ["node", "build.cjs"], buildOutputs: ["dist"], start, ...parts });
}
