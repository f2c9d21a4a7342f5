import { existsSync } from "node:fs";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative, resolve } from "node:path";

import type { Migration, MigrationPlace } from "./port.ts";

/**
 * Where a tool has to be run. Migrations in another package of the repository
 * (`../../packages/db/migrations`) belong to that package: its scripts, its configuration and its installed
 * tool count.
 */
export function atHome<T extends MigrationPlace>(place: T): T {
  if (!place.directory.startsWith("..")) return place;
  const absolute = resolve(place.applicationDirectory, place.directory);
  let home = absolute;
  while (!existsSync(join(home, "package.json"))) {
    const parent = dirname(home);
    if (parent === home) return place;
    home = parent;
  }
  return { ...place, applicationDirectory: home, directory: relative(home, absolute) };
}

/** Gives a place that holds copies of some migrations only, for as long as `use` takes. */
export async function withOnly<Place extends MigrationPlace, Result>(
  place: Place,
  migrations: readonly Migration[],
  use: (place: Place) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "fairlead-migrations-"));
  try {
    for (const { path } of migrations) {
      await copyFile(join(place.applicationDirectory, path), join(folder, basename(path)));
    }
    return await use({ ...place, directory: relative(place.applicationDirectory, folder) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
