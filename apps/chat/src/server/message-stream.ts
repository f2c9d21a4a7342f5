import { formatEvents, formatRetry, heartbeat } from "./event.ts";
import { type FeedFollower, followFeed } from "./feed.ts";
import { logger } from "./logger.ts";
import { readHead } from "./messages.ts";
import { onShutdown } from "./shutdown.ts";

const HEARTBEAT_MS = 15_000;
const RETRY_MS = 1000;
/** After so many heartbeats without a change, the reader's right to read is looked at again. */
const HEARTBEATS_PER_CHECK = 4;
/** A stream ends by itself after this time; the client comes again and goes on by its last id. */
const MAX_AGE_MS = 30 * 60_000;

/** What a reader is told of the session itself. */
export interface SessionDetails {
  title: string;
  memberCount: number;
}

export interface MessageStreamOptions {
  sessionId: string;
  /** Id of the last message the client has; the stream goes on behind it. */
  after: number;
  /** Aborted when the client is gone. */
  signal: AbortSignal;
  /** Gives the details while the reader may read, `undefined` once it may not. */
  authorize(): Promise<SessionDetails | undefined>;
}

interface StreamState {
  last: number;
  revision: number;
  heartbeats: number;
  startedAt: number;
  /** Nothing more is read: the client is gone, or the server ends. */
  ended: boolean;
  /** Nothing more can be written either. */
  cancelled: boolean;
}

/**
 * The messages of a session as an event stream, from the one after `after` on and without end.
 * Nothing is queued: a chunk is read once the client has taken the one before; slow clients cost nothing.
 * Events: `message` (with its id), `session` (title, members), `reset` (the client's id is of a time that was
 * undone), `gone` (deleted, or no longer a member).
 */
export async function openMessageStream(options: MessageStreamOptions): Promise<ReadableStream<Uint8Array>> {
  const bell = createBell();
  const follower = await followFeed(options.sessionId, bell.ring);
  // No revision is -1: each stream begins with the session as it is now.
  const state: StreamState = {
    last: options.after,
    revision: -1,
    heartbeats: 0,
    startedAt: performance.now(),
    ended: false,
    cancelled: false,
  };
  const encoder = new TextEncoder();
  const forgets: (() => void)[] = [];
  let reading = false;
  const free = (): void => {
    state.ended = true;
    for (const forget of forgets) forget();
    follower.stop();
    bell.ring();
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const end = (): void => {
        if (state.ended) return;
        free();
        // A reading that is under way closes the stream when it sees the end.
        if (!reading) controller.close();
      };
      options.signal.addEventListener("abort", end);
      forgets.push(onShutdown(end), () => {
        options.signal.removeEventListener("abort", end);
      });
      controller.enqueue(encoder.encode(formatRetry(RETRY_MS)));
      if (options.signal.aborted) end();
    },
    async pull(controller) {
      reading = true;
      const chunk = await nextChunk(options, follower, state, bell).catch((error: unknown) => {
        logger().info({ err: error, session: options.sessionId }, "a stream ends early");
        return undefined;
      });
      reading = false;
      if (state.cancelled) return;
      if (chunk !== undefined) controller.enqueue(encoder.encode(chunk.text));
      if (chunk !== undefined && !chunk.last && !state.ended) return;
      free();
      controller.close();
    },
    cancel() {
      state.cancelled = true;
      free();
    },
  });
}

interface Chunk {
  text: string;
  last?: boolean;
}

/** Waits for the next thing to send; `undefined` ends the stream. */
async function nextChunk(
  options: MessageStreamOptions,
  follower: FeedFollower,
  state: StreamState,
  bell: Bell,
): Promise<Chunk | undefined> {
  while (!state.ended) {
    if (state.last > follower.head) {
      // Another process may have been faster than this one; only the database knows.
      const head = await readHead(options.sessionId);
      if (state.last > head) return reset(head, state);
    }
    const messages = await follower.read(state.last);
    if (messages.length > 0) {
      state.last = messages.at(-1)?.id ?? state.last;
      return {
        text: formatEvents(messages.map((message) => ({ event: "message", id: message.id, data: message }))),
      };
    }
    if (state.revision !== follower.revision) {
      state.revision = follower.revision;
      return describe(await options.authorize());
    }
    if (performance.now() - state.startedAt > MAX_AGE_MS) return undefined;
    if ((await bell.wait(HEARTBEAT_MS)) === "rung") continue;
    state.heartbeats += 1;
    if (state.heartbeats % HEARTBEATS_PER_CHECK !== 0) return { text: heartbeat };
    return (await options.authorize()) === undefined ? describe(undefined) : { text: heartbeat };
  }
  return undefined;
}

/** The database went back to an earlier point: what the client has from after it never was. */
function reset(head: number, state: StreamState): Chunk {
  state.last = head;
  return { text: formatEvents([{ event: "reset", id: head, data: { head } }]) };
}

function describe(details: SessionDetails | undefined): Chunk {
  if (details === undefined) return { text: formatEvents([{ event: "gone", data: {} }]), last: true };
  const { title, memberCount } = details;
  return { text: formatEvents([{ event: "session", data: { title, memberCount } }]) };
}

interface Bell {
  ring(): void;
  /** Waits until it rings, at most that long; a ring since the last wait counts. */
  wait(timeoutMs: number): Promise<"rung" | "silent">;
}

function createBell(): Bell {
  let rung = false;
  let waiter: (() => void) | undefined;
  const ring = (): void => {
    rung = true;
    waiter?.();
  };
  return {
    ring,
    async wait(timeoutMs) {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeoutMs);
          waiter = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      waiter = undefined;
      const result = rung ? "rung" : "silent";
      rung = false;
      return result;
    },
  };
}
