import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { readText } from "../kernel/index.ts";
import { addFolder, type Collection } from "./collection.ts";
import { joinPath } from "./paths.ts";

/** A Next.js server that carries its own traced dependencies (`output: "standalone"`). */
export interface Standalone {
  /** Next.js' output folder, from the application: `.next`. */
  output: string;
  /** Folder of the server, from the application: `.next/standalone/apps/chat`. */
  server: string;
}

interface ServerFiles {
  config?: { output?: string };
  /** The application's path below the folder that was traced. */
  relativeAppDir?: string;
}

const serverFiles = "required-server-files.json";

/** Finds the standalone server that the last build made; `folders` are where its output may be, from the application. */
export async function findStandalone(
  application: string,
  folders: readonly string[],
): Promise<Standalone | undefined> {
  for (const folder of new Set([...folders.map((path) => path.split("/standalone")[0] ?? path), ".next"])) {
    const text = await readText(join(application, folder, serverFiles));
    if (text === undefined) continue;
    const { config, relativeAppDir } = JSON.parse(text) as ServerFiles;
    if (config?.output !== "standalone") continue;
    const server = joinPath(folder, "standalone", (relativeAppDir ?? "").replaceAll("\\", "/"));
    if ((await readText(join(application, server, "server.js"))) !== undefined)
      return { output: folder, server };
  }
  return undefined;
}

/**
 * Lays the standalone server into the tree, with the static files and `public` where it looks for them
 * (nextjs.org/docs/app/api-reference/config/next-config-js/output: they are not copied by the build).
 */
export async function addStandalone(
  collection: Collection,
  application: string,
  place: string,
  found: Standalone,
): Promise<void> {
  const { output, server } = found;
  await addFolder(collection, join(application, output, "standalone"), joinPath(place, output, "standalone"));
  await addFolderIfAny(
    collection,
    join(application, output, "static"),
    joinPath(place, server, output, "static"),
  );
  await addFolderIfAny(collection, join(application, "public"), joinPath(place, server, "public"));
  await keepCachesInMemory(join(collection.tree, place, server), output);
}

/**
 * Next.js writes regenerated pages, fetched data and optimised pictures into its own folder. A release is the same folder in
 * staging and in production: so what one environment rendered would be served by the other. `isrFlushToDisk: false` keeps
 * all that in each process.
 */
async function keepCachesInMemory(folder: string, output: string): Promise<void> {
  for (const path of [join(folder, "server.js"), join(folder, output, serverFiles)]) {
    if ((await readText(path)) === undefined) continue;
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replaceAll(/("isrFlushToDisk":\s*)true/g, "$1false"));
  }
}

async function addFolderIfAny(collection: Collection, source: string, place: string): Promise<void> {
  const info = await stat(source).catch(() => undefined);
  if (info?.isDirectory() === true) await addFolder(collection, source, place);
}
