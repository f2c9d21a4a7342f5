import type { StateStore } from "./store.ts";

/** `intent` before a step, `done` or `failed` after it; the same for its undoing. `event` is a fact on the way. */
export type JournalPhase =
  "intent" | "done" | "failed" | "event" | "undo-intent" | "undo-done" | "undo-failed";

export interface JournalEntry {
  at: string;
  step: string;
  phase: JournalPhase;
  detail: Record<string, unknown>;
}

/** Appends an entry to a plan's journal; never secrets. */
export async function writeJournal(
  state: StateStore,
  entry: {
    planId: string;
    token?: number;
    step: string;
    phase: JournalPhase;
    detail?: Record<string, unknown>;
  },
): Promise<void> {
  await state.query(
    "insert into fairlead.journal (plan_id, token, step, phase, detail) values ($1, $2, $3, $4, $5)",
    [entry.planId, entry.token ?? null, entry.step, entry.phase, JSON.stringify(entry.detail ?? {})],
  );
}

/** The journal of a plan, oldest first. */
export async function readJournal(state: StateStore, planId: string): Promise<JournalEntry[]> {
  const rows = await state.query<Omit<JournalEntry, "at"> & { at: Date }>(
    "select at, step, phase, detail from fairlead.journal where plan_id = $1 order by id",
    [planId],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
