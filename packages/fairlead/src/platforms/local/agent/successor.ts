import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";

import type { SuccessorCommand } from "../protocol.ts";

const staleLockMs = 10_000;
const windowMs = 60_000;
const spawnsPerWindow = 5;

/**
 * Starts a host as a process of its own that inherits the public socket `descriptor` as its descriptor 3. Bounded for
 * the environment as a whole, and one at a time; that nobody else is the host already is for the host's own lock to say.
 */
export function spawnSuccessor(command: SuccessorCommand, descriptor: number): void {
  if (!takeLock(command.lockFile)) return;
  try {
    if (!noteSpawn(command.historyFile)) return;
    const [program, ...args] = command.argv;
    if (program === undefined) return;
    const log = openSync(command.logFile, "a", 0o600);
    const child = spawn(program, args, {
      cwd: command.cwd,
      env: command.env,
      detached: true,
      stdio: ["ignore", log, log, descriptor],
    });
    closeSync(log);
    child.on("error", () => undefined);
    child.on("exit", () => {
      rmSync(command.lockFile, { force: true });
    });
    child.unref();
  } catch {
    // The folder may be gone, or no process can be started: the next attempt to reconnect tries again.
  }
}

function takeLock(path: string): boolean {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      writeFileSync(path, String(process.pid), { flag: "wx", mode: 0o600 });
      return true;
    } catch {
      if (!removeStale(path)) return false;
    }
  }
  return false;
}

function removeStale(path: string): boolean {
  try {
    if (Date.now() - statSync(path).mtimeMs < staleLockMs) return false;
    rmSync(path, { force: true });
    return true;
  } catch {
    return true;
  }
}

function noteSpawn(path: string): boolean {
  const now = Date.now();
  const recent = readHistory(path).filter((time) => now - time < windowMs);
  if (recent.length >= spawnsPerWindow) return false;
  const temporary = `${path}.${String(process.pid)}.tmp`;
  writeFileSync(temporary, JSON.stringify([...recent, now]), { mode: 0o600 });
  renameSync(temporary, path);
  return true;
}

function readHistory(path: string): number[] {
  try {
    const value = JSON.parse(readFileSync(path, "utf8")) as unknown;
    return Array.isArray(value) ? value.filter((time) => typeof time === "number") : [];
  } catch {
    return [];
  }
}
