import type { ServerResponse } from "node:http";

import { type Connection, endConnectionWith, isEventStream, type Traffic } from "./traffic.ts";

export interface DrainOptions {
  /** After this, event streams, WebSockets and idle connections are closed. */
  drainTimeoutMs: number;
  /** How long the application's server keeps an idle connection; 0 for ever. */
  keepAliveTimeoutMs: number;
  /** Nobody takes over: close idle connections almost at once. */
  quick: boolean;
}

const sweepIntervalMs = 100;
/** Closing many streams at one instant would bring all their clients back at one instant. */
const longestSpreadMs = 2000;
const idleMarginMs = 1000;
const shortestIdleMs = 5000;
const idleAfterDeadlineMs = 100;
/** Code 1012, "service restart" (RFC 6455 §7.4, IANA registry), in an unmasked close frame. */
const webSocketCloseFrame = Buffer.from([0x88, 0x02, 0x03, 0xf4]);

/**
 * Lets the public connections of this process come to their end: answers in flight go on, later ones end their
 * connection, idle ones are closed after a while, streams at the deadline. Gives a function that calls it off.
 */
export function startDrain(traffic: Traffic, options: DrainOptions): () => void {
  const startedAt = performance.now();
  const closing = new WeakSet<Connection>();
  traffic.closing = true;
  for (const connection of traffic.connections.values()) {
    for (const response of connection.responses) endConnectionWith(response);
  }
  const sweep = () => {
    const now = performance.now();
    const isLate = now - startedAt >= options.drainTimeoutMs;
    const spreadMs = Math.min(longestSpreadMs, traffic.connections.size * 10);
    for (const connection of traffic.connections.values()) {
      if (closing.has(connection)) continue;
      if (isIdle(connection)) {
        if (now - connection.idleSinceMs < idleLimit(options, isLate)) continue;
        closing.add(connection);
        closeSoftly(connection);
      } else if (isLate && isStream(connection)) {
        closing.add(connection);
        setTimeout(closeSoftly, Math.random() * spreadMs, connection).unref();
      }
    }
  };
  const timer = setInterval(sweep, sweepIntervalMs).unref();
  return () => {
    clearInterval(timer);
    traffic.closing = false;
  };
}

function idleLimit(options: DrainOptions, isLate: boolean): number {
  if (options.quick || isLate) return idleAfterDeadlineMs;
  return Math.max(options.keepAliveTimeoutMs + idleMarginMs, shortestIdleMs);
}

function isIdle(connection: Connection): boolean {
  return connection.responses.size === 0 && connection.upgrade === undefined && !connection.pending;
}

function isStream(connection: Connection): boolean {
  if (connection.upgrade !== undefined || connection.pending) return true;
  return [...connection.responses].some(isEventStream);
}

function closeSoftly(connection: Connection): void {
  if (connection.upgrade !== undefined) {
    const { stream, protocol } = connection.upgrade;
    stream.end(protocol === "websocket" ? webSocketCloseFrame : undefined);
  } else if (connection.responses.size > 0) {
    for (const response of connection.responses) endStream(response, connection);
  } else {
    connection.socket.end();
  }
  // A peer that never closes its side would keep the connection for ever.
  setTimeout(() => connection.socket.destroy(), shortestIdleMs).unref();
}

function endStream(response: ServerResponse, connection: Connection): void {
  if (!isEventStream(response)) return;
  // The application may write once more before it notices; that must not become an unhandled error.
  response.on("error", () => undefined);
  response.end(() => connection.socket.end());
}
