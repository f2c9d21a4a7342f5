import { realpath } from "node:fs/promises";
import { join } from "node:path";

import { type Context, FairleadError, readText } from "../kernel/index.ts";
import type { Stack } from "../stack/index.ts";
import { runGit } from "./git.ts";
import { findOwnPackages } from "./packages.ts";
import { isEnvironmentFile, isWithin, joinPath, pathBelow } from "./paths.ts";
import { listFiles } from "./tree.ts";

/** Which files of a repository an application is made from. */
export interface Scope {
  /** Real path of the repository or workspace root. */
  root: string;
  /** Path of the application from the root, `""` when it is the root. */
  application: string;
  /** Folders whose files are sources, from the root; `""` stands for all of it. */
  folders: string[];
  /** Folders the build writes, from the root; no sources. */
  outputs: string[];
}

/** What the files of the root that are no package's own can change about a build. */
const rootFilePatterns = [
  /^package\.json$/,
  /^[^/]*(lock|shrinkwrap)[^/]*$/,
  /^(pnpm-workspace\.yaml|lerna\.json|nx\.json|turbo\.json)$/,
  /^[jt]sconfig[^/]*\.json$/,
  /^[^/]+\.config\.[cm]?[jt]s$/,
  /^\.(babelrc|swcrc|nvmrc|node-version|pnpmfile\.cjs)[^/]*$/,
  /^patches\//,
];
// Package managers keep access tokens in theirs.
const credentialFiles = new Set([".npmrc", ".yarnrc", ".yarnrc.yml", "bunfig.toml"]);
const neverSources = new Set(["node_modules", ".git", ".fairlead", ".next", ".turbo", ".vercel"]);
/** Without git nobody says what is generated: these names are left out unless the application's own fields name them. */
const usuallyGenerated = new Set([
  ...neverSources,
  ...[
    "dist",
    "build",
    "out",
    "coverage",
    ".cache",
    ".output",
    ".nuxt",
    ".svelte-kit",
    ".parcel-cache",
    "tmp",
    ".tmp",
  ],
  ...[
    "test-results",
    "playwright-report",
    ".nyc_output",
    ".pnpm-store",
    ".idea",
    ".vscode",
    "__pycache__",
    ".venv",
  ],
]);

/**
 * Finds what an application is made from: its own folder, that of its migrations, those of the repository's packages it
 * uses, and the root's own settings. Where the root's tsconfig maps paths, imports may go anywhere: then it is the whole root.
 */
export async function findScope(stack: Stack, outputs: readonly string[]): Promise<Scope> {
  const root = await realpath(stack.root);
  const directory = await realpath(stack.directory);
  const application = pathBelow(root, directory);
  if (application === undefined) {
    throw new FairleadError("path-outside", `the application ${directory} is not inside its root ${root}`, {
      exit: "usage",
      hint: "Put fairlead.config.ts into the repository that holds the application.",
    });
  }
  const own = (await findOwnPackages(root, directory)).map((folder) => pathBelow(root, folder));
  const migrations =
    stack.migrations === undefined ? undefined : pathBelow(root, join(directory, stack.migrations.directory));
  const folders = (await mapsPaths(root)) ? [""] : [application, ...own, migrations];
  const wanted = folders.filter((folder) => folder !== undefined);
  return {
    root,
    application,
    folders: wanted.filter((folder, index) => !wanted.some((other, at) => covers(other, at, folder, index))),
    outputs: outputs.map((output) => joinPath(application, trimPath(output))),
  };
}

/** The paths of all sources of a scope, sorted, from its root: by git where it knows, else by a walk. */
export async function listSources(context: Context, scope: Scope): Promise<string[]> {
  const listed = await listByGit(context, scope.root);
  const excluded = listed === undefined ? usuallyGenerated : neverSources;
  const all =
    listed ?? (await listFiles(scope.root, (path) => excluded.has(nameOf(path)) && !isNamed(scope, path)));
  return all.filter((path) => isSource(scope, path)).sort();
}

/** True for a path from the scope's root that is one of its sources, whether the file is there or not. */
export function isSource(scope: Scope, path: string): boolean {
  if (path.split("/").some((segment) => neverSources.has(segment))) return false;
  if (isEnvironmentFile(path) || credentialFiles.has(nameOf(path))) return false;
  if (scope.outputs.some((output) => isWithin(path, output))) return false;
  return (
    scope.folders.some((folder) => isWithin(path, folder)) || rootFilePatterns.some((one) => one.test(path))
  );
}

// The application itself may live in a folder called `build` or `dist`.
function isNamed(scope: Scope, path: string): boolean {
  return scope.folders.some((folder) => folder !== "" && isWithin(folder, path));
}

// A file that was deleted without `git rm` is still listed; submodules and nested repositories are listed as a folder.
async function listByGit(context: Context, root: string): Promise<string[] | undefined> {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const result = await runGit(context, root, args);
  if (result?.code !== 0) return undefined;
  const files = new Set<string>();
  for (const path of result.stdout.split("\0")) {
    if (path.endsWith("/")) await addNested(files, root, path.slice(0, -1));
    else if (path !== "") files.add(path);
  }
  const submodules = await runGit(context, root, ["ls-files", "-z", "--stage"]);
  for (const line of submodules?.stdout.split("\0") ?? []) {
    // Mode 160000 is a commit of another repository (git-ls-files(1), gitlinks).
    if (line.startsWith("160000 ")) await addNested(files, root, line.slice(line.indexOf("\t") + 1));
  }
  return [...files];
}

async function addNested(files: Set<string>, root: string, folder: string): Promise<void> {
  files.delete(folder);
  const nested = await listFiles(join(root, folder), (path) => usuallyGenerated.has(nameOf(path))).catch(
    () => [],
  );
  for (const path of nested) files.add(`${folder}/${path}`);
}

async function mapsPaths(root: string): Promise<boolean> {
  for (const name of ["tsconfig.base.json", "tsconfig.json"]) {
    const text = await readText(join(root, name));
    const settings = text?.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
    if (settings !== undefined && /"paths"\s*:\s*\{\s*"/.test(settings)) return true;
  }
  return false;
}

function covers(other: string, at: number, folder: string, index: number): boolean {
  return at !== index && isWithin(folder, other) && (folder !== other || at < index);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function trimPath(path: string): string {
  return path.replace(/^(\.\/)+/, "").replace(/\/+$/, "");
}
