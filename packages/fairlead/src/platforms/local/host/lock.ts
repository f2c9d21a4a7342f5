import { DatabaseSync } from "node:sqlite";

/** Held for as long as the process lives, unless it is released before. */
export interface HostLock {
  release(): void;
}

/**
 * Takes the lock that makes a process the one host of an environment; `undefined` when another process has it.
 * An SQLite file is used for its lock alone: the kernel frees it when the holder dies, however it dies.
 */
export function takeHostLock(path: string): HostLock | undefined {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch {
    database.close();
    return undefined;
  }
  return {
    release: () => {
      database.close();
    },
  };
}
