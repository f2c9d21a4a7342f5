import { appendFile, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import { environmentSlug, readText, stateDirectory } from "../kernel/index.ts";
import { type JournalPhase, writeJournal } from "./journal.ts";
import type { StateStore } from "./store.ts";

/** A journal entry that could not be written to the environment's database, as it did not answer. */
export interface OfflineEntry {
  planId: string;
  step: string;
  phase: JournalPhase;
  detail: Record<string, unknown>;
}

function journalPath(root: string, environment: string): string {
  return join(stateDirectory(root), "journal", `${environmentSlug(environment)}.jsonl`);
}

/** Journals on this machine only, until the database answers again. */
export async function writeOffline(root: string, environment: string, entry: OfflineEntry): Promise<void> {
  const path = journalPath(root, environment);
  await mkdir(dirname(path), { recursive: true });
  await appendFile(path, `${JSON.stringify({ ...entry, at: new Date().toISOString() })}\n`);
}

/** Moves what was journalled on this machine into the database; gives how many entries there were. */
export async function reconcileOffline(
  root: string,
  environment: string,
  state: StateStore,
): Promise<number> {
  const path = journalPath(root, environment);
  if ((await readText(path)) === undefined) return 0;
  const claimed = `${path}.${String(process.pid)}`;
  await rename(path, claimed);
  const lines = ((await readText(claimed)) ?? "").split("\n").filter((line) => line !== "");
  for (const line of lines) {
    const entry = JSON.parse(line) as OfflineEntry & { at: string };
    await writeJournal(state, { ...entry, detail: { ...entry.detail, offlineSince: entry.at } });
  }
  await rm(claimed, { force: true });
  return lines.length;
}
