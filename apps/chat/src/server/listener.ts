import { setTimeout as delay } from "node:timers/promises";

import pg from "pg";

import { type Announcement, channel, parseAnnouncement } from "./announcement.ts";
import { connectionSettings } from "./database.ts";
import { logger } from "./logger.ts";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;
const PROBE_INTERVAL_MS = 20_000;
const PROBE_TIMEOUT_MS = 5000;

export interface ListenerEvents {
  onAnnouncement(announcement: Announcement): void;
  /** Called each time the connection stands (again): what was announced in between was not heard. */
  onConnected(): void;
}

export interface Listener {
  /** True while announcements are heard. */
  readonly listening: boolean;
  stop(): Promise<void>;
}

/**
 * Keeps one connection on which this process hears announcements, until it is stopped.
 * A lost connection is made again after a pause that doubles from 0.1 s up to 5 s.
 */
export function startListener(events: ListenerEvents): Listener {
  const abort = new AbortController();
  const state = { listening: false };
  const ended = keepListening(events, abort.signal, state);
  return {
    get listening() {
      return state.listening;
    },
    async stop() {
      abort.abort();
      await ended;
    },
  };
}

async function keepListening(
  events: ListenerEvents,
  signal: AbortSignal,
  state: { listening: boolean },
): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    try {
      await listenOnce(events, signal, () => {
        state.listening = true;
        pauseMs = FIRST_PAUSE_MS;
      });
    } catch (error) {
      logger().warn({ err: error, pauseMs }, "the connection that listens for messages was lost");
    }
    state.listening = false;
    // A random part keeps the instances from coming back at the same moment.
    await delay(pauseMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

/** Listens on one connection until it is lost, which is an error, or the signal, which is not. */
async function listenOnce(
  events: ListenerEvents,
  signal: AbortSignal,
  onListening: () => void,
): Promise<void> {
  const client = new pg.Client({ ...connectionSettings(), application_name: "chat listener" });
  const lost = new Promise<void>((resolve, reject) => {
    client.on("error", reject);
    client.on("end", () => {
      reject(new Error("Connection terminated"));
    });
    signal.addEventListener("abort", () => {
      resolve();
    });
  });
  // Awaited below; until then a loss must not count as unhandled.
  lost.catch(() => undefined);
  const probe = new AbortController();
  try {
    await client.connect();
    client.on("notification", ({ payload }) => {
      const announcement = parseAnnouncement(payload ?? "");
      if (announcement !== undefined) events.onAnnouncement(announcement);
    });
    await client.query(`listen ${channel}`);
    onListening();
    events.onConnected();
    await Promise.race([lost, probeUntilSilent(client, probe.signal)]);
  } finally {
    probe.abort();
    await endQuietly(client);
  }
}

/** Asks now and then, since a connection that a firewall dropped is silent like one without news. */
async function probeUntilSilent(client: pg.Client, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await delay(PROBE_INTERVAL_MS, undefined, { signal, ref: false });
    const timeout = delay(PROBE_TIMEOUT_MS, "silent", { signal, ref: false });
    if ((await Promise.race([client.query("select 1"), timeout])) === "silent") {
      throw new Error("the database did not answer on the listening connection");
    }
  }
}

async function endQuietly(client: pg.Client): Promise<void> {
  const ended = client.end().catch(() => undefined);
  await Promise.race([ended, delay(1000, undefined, { ref: false })]);
}
