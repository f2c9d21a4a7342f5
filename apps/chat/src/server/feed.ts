import { setTimeout as delay } from "node:timers/promises";

import { type Listener, startListener } from "./listener.ts";
import { logger } from "./logger.ts";
import { listMessagesAfter, listMessagesBefore, type Message, readHead } from "./messages.ts";
import { processWide } from "./process-wide.ts";
import { UnreachableError } from "./unavailable.ts";

/** How many messages of a session are kept for the streams that follow it, so that each is read once. */
const KEPT_MESSAGES = 200;
const READ_AT_ONCE = 200;
const LISTENING_TIMEOUT_MS = 3000;
const LISTENING_POLL_MS = 20;

/** One session as this process follows it, shared by all its streams. */
interface Feed {
  sessionId: string;
  /** The newest messages, with ids that follow each other. */
  recent: Message[];
  /** Id of the newest known message. */
  head: number;
  /** Counts the changes of the session itself. */
  revision: number;
  /** Set when reading failed; the streams end and their clients come again. */
  failure?: Error;
  followers: Set<() => void>;
  ready: Promise<void>;
  reading: boolean;
  readAgain: boolean;
}

interface Feeds {
  bySession: Map<string, Feed>;
  listener: Listener;
}

export interface FeedFollower {
  readonly head: number;
  readonly revision: number;
  /** The messages after an id, at most 200; throws when the session can no longer be followed. */
  read(after: number): Promise<Message[]>;
  stop(): void;
}

/**
 * Follows a session; `wake` is called when there may be something new.
 * Throws when announcements are not heard.
 */
export async function followFeed(sessionId: string, wake: () => void): Promise<FeedFollower> {
  const { bySession, listener } = feeds();
  await untilListening(listener);
  const feed = bySession.get(sessionId) ?? openFeed(bySession, sessionId);
  feed.followers.add(wake);
  const stop = (): void => {
    feed.followers.delete(wake);
    if (feed.followers.size === 0) closeFeed(bySession, feed);
  };
  await feed.ready;
  if (feed.failure !== undefined) {
    stop();
    throw feed.failure;
  }
  return {
    get head() {
      return feed.head;
    },
    get revision() {
      return feed.revision;
    },
    read: (after) => readFeed(feed, after),
    stop,
  };
}

/** How many sessions this process follows now. */
export function countFeeds(): number {
  return feeds().bySession.size;
}

/** Stops hearing announcements; for tests. */
export async function stopFeeds(): Promise<void> {
  await feeds().listener.stop();
}

function feeds(): Feeds {
  return processWide("feeds", () => {
    const bySession = new Map<string, Feed>();
    const listener = startListener({
      onAnnouncement({ kind, sessionId }) {
        const feed = bySession.get(sessionId);
        if (feed === undefined) return;
        if (kind === "session") feed.revision += 1;
        void refresh(bySession, feed);
      },
      onConnected() {
        for (const feed of bySession.values()) void recheck(bySession, feed);
      },
    });
    return { bySession, listener };
  });
}

async function untilListening(listener: Listener): Promise<void> {
  const deadline = performance.now() + LISTENING_TIMEOUT_MS;
  while (!listener.listening) {
    if (performance.now() > deadline) throw new UnreachableError("announcements are not heard");
    await delay(LISTENING_POLL_MS);
  }
}

function openFeed(bySession: Map<string, Feed>, sessionId: string): Feed {
  const feed: Feed = {
    sessionId,
    recent: [],
    head: 0,
    revision: 0,
    followers: new Set(),
    ready: Promise.resolve(),
    reading: true,
    readAgain: false,
  };
  bySession.set(sessionId, feed);
  feed.ready = listMessagesBefore(sessionId, undefined, KEPT_MESSAGES).then(
    (messages) => {
      feed.recent = messages;
      feed.head = messages.at(-1)?.id ?? 0;
      feed.reading = false;
      if (feed.readAgain) void refresh(bySession, feed);
    },
    (error: unknown) => {
      failFeed(bySession, feed, error);
    },
  );
  return feed;
}

/** After a gap in hearing: the session may have changed, or the database gone back in time. */
async function recheck(bySession: Map<string, Feed>, feed: Feed): Promise<void> {
  try {
    await feed.ready;
    const head = await readHead(feed.sessionId);
    if (head < feed.head) throw new Error("the session has fewer messages than before");
    feed.revision += 1;
    await refresh(bySession, feed);
  } catch (error) {
    failFeed(bySession, feed, error);
  }
}

/** Reads what is new, once at a time: announcements that come meanwhile are answered by one more reading. */
async function refresh(bySession: Map<string, Feed>, feed: Feed): Promise<void> {
  feed.readAgain = true;
  if (feed.reading) return;
  feed.reading = true;
  try {
    while (feed.readAgain) {
      feed.readAgain = false;
      const messages = await listMessagesAfter(feed.sessionId, feed.head, READ_AT_ONCE);
      if (messages.length === READ_AT_ONCE) feed.readAgain = true;
      feed.recent = [...feed.recent, ...messages].slice(-KEPT_MESSAGES);
      feed.head = messages.at(-1)?.id ?? feed.head;
      wakeAll(feed);
    }
    feed.reading = false;
  } catch (error) {
    failFeed(bySession, feed, error);
  }
}

async function readFeed(feed: Feed, after: number): Promise<Message[]> {
  if (feed.failure !== undefined) throw feed.failure;
  if (after >= feed.head) return [];
  const first = feed.recent[0]?.id;
  if (first === undefined || after + 1 < first) {
    return listMessagesAfter(feed.sessionId, after, READ_AT_ONCE);
  }
  return feed.recent.slice(after + 1 - first, after + 1 - first + READ_AT_ONCE);
}

function failFeed(bySession: Map<string, Feed>, feed: Feed, error: unknown): void {
  logger().warn({ err: error, session: feed.sessionId }, "a session can no longer be followed");
  feed.failure = error instanceof Error ? error : new Error(String(error));
  closeFeed(bySession, feed);
  wakeAll(feed);
}

function closeFeed(bySession: Map<string, Feed>, feed: Feed): void {
  if (bySession.get(feed.sessionId) === feed) bySession.delete(feed.sessionId);
}

function wakeAll(feed: Feed): void {
  for (const wake of feed.followers) wake();
}
