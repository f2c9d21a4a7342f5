import { basename, join, relative, sep } from "node:path";

import { readFileView } from "./file-view.ts";
import { dependenciesOf, type Manifest, parseManifest } from "./manifest.ts";
import type { FileView } from "./port.ts";
import { findWorkspace, isMember } from "./workspace.ts";

/** A package of the repository. */
export interface Member {
  /** From the root; empty for the root itself. */
  path: string;
  manifest: Manifest;
}

/** Everything that detectors look at. */
export interface Survey {
  /** Absolute paths. */
  root: string;
  directory: string;
  /** The application's path from the root, empty when it is the root. */
  application: string;
  files: FileView;
  workspaces: string[];
  /** The workspace's packages, without the root. */
  members: Member[];
  rootManifest: Manifest;
  /** The application's manifest, empty when it has none. */
  manifest: Manifest;
  hasManifest: boolean;
  /** Names of the packages that the application or the root depends on. */
  dependencies: Set<string>;
  /** The application's files, from its folder. */
  paths: string[];
  has(path: string): boolean;
  /** Reads one of the application's files, or one beside it by `..`. */
  read(path: string): Promise<string | undefined>;
}

/** Looks at the repository around a folder. */
export async function surveyFolder(directory: string): Promise<Survey> {
  const { root, globs } = await findWorkspace(directory);
  const files = await readFileView(root);
  return surveyOf({
    root,
    files,
    workspaces: globs,
    application: relative(root, directory).split(sep).join("/"),
  });
}

/** The survey of another application of the same repository. */
export function surveyMember(survey: Survey, application: string): Promise<Survey> {
  return surveyOf({ ...survey, application });
}

/** The survey of one application among files that are known. */
export async function surveyOf(base: {
  root: string;
  files: FileView;
  workspaces: string[];
  application: string;
}): Promise<Survey> {
  const { application, files, root, workspaces } = base;
  const prefix = application === "" ? "" : `${application}/`;
  const paths = files.paths
    .filter((path) => path.startsWith(prefix))
    .map((path) => path.slice(prefix.length));
  const known = new Set(paths);
  const manifest = parseManifest(await files.read(`${prefix}package.json`));
  const rootManifest = parseManifest(await files.read("package.json")) ?? {};
  return {
    root,
    directory: join(root, application),
    application,
    files,
    workspaces,
    members: await membersOf(files, workspaces),
    rootManifest,
    manifest: manifest ?? {},
    hasManifest: manifest !== undefined,
    dependencies: new Set([...dependenciesOf(manifest ?? {}), ...dependenciesOf(rootManifest)]),
    paths,
    has: (path) => known.has(path),
    read: (path) => files.read(join(application, path)),
  };
}

async function membersOf(files: FileView, globs: readonly string[]): Promise<Member[]> {
  const members: Member[] = [];
  for (const path of files.paths) {
    if (basename(path) !== "package.json" || path === "package.json") continue;
    const folder = path.slice(0, -"/package.json".length);
    const manifest = isMember(globs, folder) ? parseManifest(await files.read(path)) : undefined;
    if (manifest !== undefined) members.push({ path: folder, manifest });
  }
  return members;
}

/** The workspace's packages that an application depends on, directly and through each other. */
export function workspaceDependencies(survey: Survey): Member[] {
  const found = new Set<Member>();
  const queue = [survey.manifest];
  for (const manifest of queue) {
    const names = dependenciesOf(manifest);
    for (const member of survey.members) {
      if (found.has(member) || member.manifest.name === undefined || !names.has(member.manifest.name))
        continue;
      found.add(member);
      queue.push(member.manifest);
    }
  }
  return [...found];
}
