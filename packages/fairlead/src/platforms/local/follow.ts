import { stat } from "node:fs/promises";

import { type Context, redact } from "../../kernel/index.ts";
import type { LogLine } from "../port.ts";
import { deploymentLog, type Layout } from "./layout.ts";
import { lastLogLines, partPath, readRange } from "./log-files.ts";
import { readState, readVariables, secretsOf } from "./state.ts";

const pollIntervalMs = 250;
const chunkBytes = 256_000;

interface Cursor {
  id: string;
  path: string;
  secrets: string[];
  offset: number;
  rest: string;
}

/** The last lines of the logs of an environment's deployments (or one), and with `follow` the later ones too. */
export async function* readLogs(
  context: Context,
  layout: Layout,
  request: { deploymentId?: string; tail: number; follow: boolean },
): AsyncIterable<LogLine> {
  const cursors = new Map<string, Cursor>();
  for (const id of await deploymentIds(layout, request.deploymentId)) {
    const cursor = await openCursor(layout, id);
    cursors.set(id, cursor);
    for (const text of await lastLogLines(layout, id, request.tail, cursor.secrets))
      yield { deployment: id, text };
  }
  while (request.follow && !context.signal.aborted) {
    for (const id of await deploymentIds(layout, request.deploymentId)) {
      const cursor = cursors.get(id) ?? { ...(await openCursor(layout, id)), offset: 0 };
      cursors.set(id, cursor);
      yield* newLines(cursor);
    }
    await context.clock.sleep(pollIntervalMs, context.signal).catch(() => undefined);
  }
}

// Oldest first: what a person follows is the newest, which should come last. Those that ended long ago say nothing.
async function deploymentIds(layout: Layout, only: string | undefined): Promise<string[]> {
  if (only !== undefined) return [only];
  const { deployments, active } = await readState(layout);
  const living = deployments.filter(({ state, id }) => state !== "stopped" || id === active);
  return (living.length > 0 ? living : deployments.slice(0, 1)).map(({ id }) => id).reverse();
}

async function openCursor(layout: Layout, id: string): Promise<Cursor> {
  const path = deploymentLog(layout, id);
  const secrets = secretsOf(await readVariables(layout, id));
  return { id, path, secrets, offset: await sizeOf(path), rest: "" };
}

async function* newLines(cursor: Cursor): AsyncIterable<LogLine> {
  const size = await sizeOf(cursor.path);
  if (size < cursor.offset) {
    // It was cut: what came before the cut is at the same place of the youngest part.
    yield* readOn(cursor, partPath(cursor.path, 1), await sizeOf(partPath(cursor.path, 1)));
    cursor.offset = 0;
  }
  yield* readOn(cursor, cursor.path, size);
}

async function* readOn(cursor: Cursor, path: string, end: number): AsyncIterable<LogLine> {
  while (cursor.offset < end) {
    const to = Math.min(end, cursor.offset + chunkBytes);
    const text = await readRange(path, cursor.offset, to);
    cursor.offset = to;
    const lines = (cursor.rest + text).split("\n");
    // A line without an end must not grow in memory for ever.
    cursor.rest = (lines.pop() ?? "").slice(-chunkBytes);
    for (const line of lines) yield { deployment: cursor.id, text: redact(line, cursor.secrets) };
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}
