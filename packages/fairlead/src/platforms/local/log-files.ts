import { appendFileSync, mkdirSync } from "node:fs";
import { copyFile, open, rename, rm, stat, truncate } from "node:fs/promises";

import { redact } from "../../kernel/index.ts";
import { deploymentLog, type Layout } from "./layout.ts";

/** Size at which a log is cut, and how many older parts (`.1` is the youngest) are kept. */
export const rotation = { maximalBytes: 10_000_000, keptParts: 3 };

const tailBytes = 256_000;

/** Adds a line of our own to a deployment's log. */
export function noteInLog(layout: Layout, deploymentId: string, text: string): void {
  try {
    mkdirSync(layout.logDirectory, { recursive: true, mode: 0o700 });
    appendFileSync(deploymentLog(layout, deploymentId), `[fairlead] ${text}\n`, { mode: 0o600 });
  } catch {
    // A full disk must not stop the processes.
  }
}

/** The last lines of a deployment's log, over its rotated parts, without secrets. */
export async function lastLogLines(
  layout: Layout,
  deploymentId: string,
  count: number,
  secrets: string[],
): Promise<string[]> {
  const path = deploymentLog(layout, deploymentId);
  const lines: string[] = [];
  for (let part = 0; part <= rotation.keptParts && lines.length < count; part += 1) {
    lines.unshift(...(await lastLinesOfFile(partPath(path, part), count - lines.length)));
  }
  return lines.map((line) => redact(line, secrets));
}

/** Name of a part of a log: 0 is the one that is written. */
export function partPath(path: string, part: number): string {
  return part === 0 ? path : `${path}.${String(part)}`;
}

/** The last lines of a file; none when it is missing. */
export async function lastLinesOfFile(path: string, count: number): Promise<string[]> {
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (size === 0) return [];
  const from = Math.max(0, size - tailBytes * Math.max(1, Math.ceil(count / 1000)));
  const text = await readRange(path, from, size);
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (from > 0) lines.shift();
  return count === 0 ? [] : lines.slice(-count);
}

/** A part of a file as text. */
export async function readRange(path: string, from: number, to: number): Promise<string> {
  const file = await open(path, "r");
  try {
    const buffer = Buffer.alloc(to - from);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * Cuts a log that became too long: its content is copied to `.1` and the file truncated, as its writers keep it open
 * (O_APPEND). A line that is written between the two is lost.
 */
export async function rotateLog(path: string): Promise<boolean> {
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (size < rotation.maximalBytes) return false;
  for (let part = rotation.keptParts; part > 1; part -= 1) {
    await rename(partPath(path, part - 1), partPath(path, part)).catch(() => undefined);
  }
  await copyFile(path, partPath(path, 1));
  await truncate(path, 0);
  return true;
}

/** Removes a log with its parts. */
export async function removeLog(path: string): Promise<void> {
  for (let part = 0; part <= rotation.keptParts; part += 1) await rm(partPath(path, part), { force: true });
}
