import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { readText } from "../kernel/index.ts";
import type { FileView } from "./port.ts";

/** Folders that hold nothing a person wrote. */
const skipped = new Set([
  ...["node_modules", "bower_components", "vendor", "dist", "build", "out", "coverage", "target", "tmp"],
  ...["__pycache__", "venv"],
]);
/** Of the folders that begin with a dot, the ones in which tools are configured. */
const configFolders = new Set([".config", ".github"]);
const maximumFiles = 20_000;
const maximumDepth = 12;

/**
 * The files below a folder, without installed packages, version control and build outputs; breadth first, so
 * that what is left out of a huge repository (after 20,000 files or 12 levels) lies deep.
 */
export async function readFileView(root: string): Promise<FileView> {
  const paths: string[] = [];
  let folders = [""];
  for (let depth = 0; depth < maximumDepth && folders.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of folders) {
      if (paths.length >= maximumFiles) break;
      const entries = await readdir(join(root, folder), { withFileTypes: true });
      for (const entry of entries) {
        const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
        if (entry.isDirectory()) {
          if (isLookedInto(entry.name)) next.push(path);
        } else if (entry.isFile()) paths.push(path);
      }
    }
    folders = next.sort();
  }
  return { paths: paths.sort(), read: (path) => readText(join(root, path)) };
}

function isLookedInto(name: string): boolean {
  return name.startsWith(".") ? configFolders.has(name) : !skipped.has(name);
}
