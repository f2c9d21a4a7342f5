import { existsSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";

import { readText } from "../kernel/index.ts";
import { type Manifest, parseManifest } from "./manifest.ts";

/**
 * The root of a repository with the globs of its workspaces; both of the folder itself outside a monorepo.
 */
export interface Workspace {
  root: string;
  globs: string[];
}

/**
 * Finds the workspace a folder belongs to: itself when it declares one, else the nearest folder above it
 * whose globs hold it, up to the root of the version control.
 */
export async function findWorkspace(directory: string): Promise<Workspace> {
  const own = await workspaceGlobs(directory);
  if (own.length > 0) return { root: directory, globs: own };
  let current = resolve(directory);
  while (!existsSync(join(current, ".git")) && dirname(current) !== current) {
    current = dirname(current);
    const globs = await workspaceGlobs(current);
    const path = relative(current, directory).split(sep).join("/");
    if (isMember(globs, path)) return { root: current, globs };
  }
  return { root: directory, globs: [] };
}

/** True when the globs take a folder in; a later `!glob` takes it out again. */
export function isMember(globs: readonly string[], path: string): boolean {
  let member = false;
  for (const glob of globs) {
    if (glob.startsWith("!")) member &&= !matchesGlob(glob.slice(1), path);
    else member ||= matchesGlob(glob, path);
  }
  return member;
}

async function workspaceGlobs(folder: string): Promise<string[]> {
  const yaml = await readText(join(folder, "pnpm-workspace.yaml"));
  if (yaml !== undefined) return parsePnpmWorkspace(yaml);
  return globsOf(parseManifest(await readText(join(folder, "package.json"))) ?? {});
}

function globsOf(manifest: Manifest): string[] {
  const { workspaces } = manifest;
  return Array.isArray(workspaces) ? workspaces : (workspaces?.packages ?? []);
}

/** The `packages` list of a `pnpm-workspace.yaml`, in block or flow form. */
export function parsePnpmWorkspace(yaml: string): string[] {
  const lines = yaml.split("\n").map((line) => line.replace(/(^|\s)#.*$/, "").trimEnd());
  const start = lines.findIndex((line) => /^packages\s*:/.test(line));
  if (start === -1) return [];
  const flow = /\[(.*)\]/.exec(lines[start] ?? "")?.[1];
  if (flow !== undefined)
    return flow
      .split(",")
      .map(unquote)
      .filter((glob) => glob !== "");
  const globs: string[] = [];
  for (const line of lines.slice(start + 1)) {
    const item = /^\s*-\s*(\S.*)$/.exec(line)?.[1];
    if (item !== undefined) globs.push(unquote(item));
    else if (line !== "") break;
  }
  return globs;
}

function unquote(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/, "$2");
}

function matchesGlob(glob: string, path: string): boolean {
  const trimmed = glob.replace(/^\.\//, "").replace(/\/+$/, "");
  const pattern = trimmed
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("**/", "\0")
    .replaceAll("**", "\u0001")
    .replaceAll("*", "[^/]*")
    .replaceAll("\0", "(?:.*/)?")
    .replaceAll("\u0001", ".*");
  return new RegExp(`^${pattern}$`).test(path);
}
