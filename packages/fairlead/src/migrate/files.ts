import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { codeOf, FairleadError } from "../kernel/index.ts";
import type { MigrationPlace } from "./port.ts";

/** A file (or folder) of the migrations directory. */
export interface MigrationFile {
  name: string;
  isDirectory: boolean;
  /** From the application's directory. */
  path: string;
}

/** What lies in the migrations directory, sorted by name. Errors: `migrations-missing`. */
export async function migrationFiles(place: MigrationPlace): Promise<MigrationFile[]> {
  const absolute = join(place.applicationDirectory, place.directory);
  try {
    const entries = await readdir(absolute, { withFileTypes: true });
    return entries
      .map((entry) => ({
        name: entry.name,
        isDirectory: entry.isDirectory(),
        path: join(place.directory, entry.name),
      }))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  } catch (error) {
    if (codeOf(error) !== "ENOENT" && codeOf(error) !== "ENOTDIR") throw error;
    throw new FairleadError("migrations-missing", `there is no migrations folder ${absolute}`, {
      cause: error,
      exit: "usage",
      hint: "Correct migrations.directory in fairlead.config.ts, or set migrations: false.",
    });
  }
}

/** The text of a migration file. */
export async function readMigration(place: MigrationPlace, path: string): Promise<string> {
  return readFile(join(place.applicationDirectory, path), "utf8");
}

/** The name of a file without its last extension. */
export function stem(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot <= 0 ? name : name.slice(0, dot);
}
