import type { IncomingMessage, ServerResponse } from "node:http";
import type { Server, Socket } from "node:net";
import type { Duplex } from "node:stream";

import { emptyCounts, recordLatency } from "../counts.ts";

/** An event stream that ended sooner is counted as a request. */
const shortestStreamMs = 1000;

/** A public connection of this process. */
export interface Connection {
  socket: Socket;
  /** Answers that are not finished. */
  responses: Set<ServerResponse>;
  /** Set once the connection left HTTP; `websocket` or another protocol. */
  upgrade?: { stream: Duplex; protocol: string };
  /** Since when nothing is in flight (`performance.now()`). */
  idleSinceMs: number;
  /** Of a relayed connection: true while the application owes an answer. */
  pending: boolean;
}

export interface Traffic {
  readonly connections: Map<Socket, Connection>;
  readonly counts: ReturnType<typeof emptyCounts>;
  /** True once new answers have to end their connection. */
  closing: boolean;
  /** Called when a connection is gone. */
  onGone: () => void;
  add(socket: Socket): Connection;
  /** Sees the requests of a server, whatever listeners the application adds or removes. */
  observe(server: Server): void;
}

/** Keeps account of the public connections and requests of this process; private ones are not counted. */
export function createTraffic(publicPort: number): Traffic {
  const traffic: Traffic = {
    connections: new Map(),
    counts: emptyCounts(),
    closing: false,
    onGone: () => undefined,
    add(socket) {
      const connection: Connection = {
        socket,
        responses: new Set(),
        idleSinceMs: performance.now(),
        pending: false,
      };
      traffic.connections.set(socket, connection);
      traffic.counts.connections += 1;
      socket.once("close", () => {
        traffic.connections.delete(socket);
        traffic.counts.connections -= 1;
        traffic.onGone();
      });
      return connection;
    },
    observe(server) {
      interceptEvents(server, traffic, publicPort);
    },
  };
  return traffic;
}

/** Makes an answer whose headers are not sent yet the last one of its connection. */
export function endConnectionWith(response: ServerResponse): void {
  if (response.headersSent) return;
  response.shouldKeepAlive = false;
  response.setHeader("Connection", "close");
}

/** True for an answer that goes on until somebody ends it. */
export function isEventStream(response: ServerResponse): boolean {
  const type = response.getHeader("content-type");
  return typeof type === "string" && type.startsWith("text/event-stream");
}

// `emit` itself is replaced: an additional listener would be lost when a library rearranges the listeners (Socket.IO
// does), and an `upgrade` listener would change how Node.js treats servers that have none.
function interceptEvents(server: Server, traffic: Traffic, publicPort: number): void {
  const emit = server.emit.bind(server) as (event: string | symbol, ...values: unknown[]) => boolean;
  const seen = (event: string | symbol, ...values: unknown[]): boolean => {
    const [first, second] = values;
    // By far the most frequent event comes first.
    if (event === "request") {
      onRequest(traffic, first as IncomingMessage, second as ServerResponse);
      return emit(event, first, second);
    }
    if (event === "checkContinue" || event === "checkExpectation") {
      onRequest(traffic, first as IncomingMessage, second as ServerResponse);
    } else if (event === "secureConnection") {
      const socket = first as Socket;
      if (socket.localPort === publicPort) traffic.add(socket);
    } else if (event === "upgrade" || event === "connect") {
      onUpgrade(traffic, first as IncomingMessage, second as Duplex);
    }
    return emit(event, ...values);
  };
  server.emit = seen as typeof server.emit;
}

// This runs for every request: it takes about a microsecond, and each further look at the answer would show in bench/edge.
function onRequest(traffic: Traffic, request: IncomingMessage, response: ServerResponse): void {
  const connection = traffic.connections.get(request.socket);
  if (connection === undefined) return;
  const { counts } = traffic;
  const startedAt = performance.now();
  counts.requests += 1;
  counts.inFlight += 1;
  connection.responses.add(response);
  if (traffic.closing) endConnectionWith(response);
  response.on("close", () => {
    counts.inFlight -= 1;
    connection.responses.delete(response);
    connection.idleSinceMs = performance.now();
    if (response.statusCode >= 500) counts.errors += 1;
    const durationMs = connection.idleSinceMs - startedAt;
    // A stream is open for as long as somebody listens: that is no latency.
    if (durationMs > shortestStreamMs && isStream(request, response)) return;
    if (response.writableFinished) recordLatency(counts, durationMs);
    else counts.aborted += 1;
  });
}

// What was given to `writeHead` alone can't be asked of the answer; then the request tells.
function isStream(request: IncomingMessage, response: ServerResponse): boolean {
  return isEventStream(response) || request.headers.accept?.startsWith("text/event-stream") === true;
}

function onUpgrade(traffic: Traffic, request: IncomingMessage, stream: Duplex): void {
  const connection = traffic.connections.get(request.socket);
  if (connection === undefined) return;
  connection.upgrade = { stream, protocol: request.headers.upgrade?.toLowerCase() ?? "connect" };
}
