import cluster from "node:cluster";
import { Server as HttpServer } from "node:http";
import { Server as HttpsServer } from "node:https";
import { type ListenOptions, Server } from "node:net";

import type { Listener } from "../protocol.ts";

/** A server of the application that listens; `detached` when another module took its socket away (node:cluster does). */
export interface OpenListener extends Listener {
  server: Server;
  openedAtMs: number;
  detached: boolean;
}

/** How long a server that did not ask for `PORT` waits for one that does before it becomes the main one. */
const fallbackDelayMs = 1000;

/**
 * Makes every TCP server of this process that asks for a fixed port listen on a free port of 127.0.0.1 instead, so that
 * two releases run side by side. Unix sockets, file descriptors and port 0 stay as they are.
 */
export function divertListeners(onChange: () => void): Set<OpenListener> {
  const open = new Set<OpenListener>();
  const listen = Reflect.get(Server.prototype, "listen") as (...values: unknown[]) => unknown;
  function diverted(this: Server, ...values: unknown[]): unknown {
    const wanted = readArguments(values);
    if (wanted === undefined) return Reflect.apply(listen, this, values);
    follow(this, wanted.port, open, onChange);
    if (wanted.port === 0) return Reflect.apply(listen, this, values);
    const options = { ...wanted.options, port: 0, host: "127.0.0.1", ipv6Only: false, reusePort: false };
    return Reflect.apply(listen, this, [options, ...wanted.callbacks]);
  }
  Reflect.set(Server.prototype, "listen", diverted);
  return open;
}

/** Picks the server that answers the public address: the one that asked for it, else the only one that speaks HTTP. */
export function chooseMain(
  open: Iterable<OpenListener>,
  publicPort: number,
  nowMs: number,
): { main?: OpenListener; problem?: string } {
  const all = [...open];
  const isHttp = (listener: OpenListener) => listener.protocol !== "relay";
  const declared = all.filter((listener) => listener.declaredPort === publicPort);
  const chosen = declared.find(isHttp) ?? declared[0];
  if (chosen !== undefined) return { main: chosen };
  if (all.length === 0 || all.some((listener) => nowMs - listener.openedAtMs < fallbackDelayMs)) return {};
  const speaking = all.filter(isHttp);
  const only = speaking.length === 1 ? speaking[0] : all.length === 1 ? all[0] : undefined;
  if (only !== undefined) return { main: only };
  const list = all.map((listener) => `${String(listener.declaredPort)} (${listener.protocol})`).join(", ");
  const asked = `the application listens on the ports ${list}, on none of them as PORT`;
  return { problem: `${asked} (${String(publicPort)}); let its main server listen on process.env.PORT` };
}

interface WantedListen {
  port: number;
  options: ListenOptions;
  callbacks: unknown[];
}

// The forms of server.listen() that mean TCP (nodejs.org/api/net.html#serverlisten); `undefined` for all others.
function readArguments(values: unknown[]): WantedListen | undefined {
  const callbacks = values.filter((value) => typeof value === "function");
  const [first, second, third] = values;
  if (typeof first === "object" && first !== null) {
    const options = first as ListenOptions & { fd?: unknown; handle?: unknown; _handle?: unknown };
    if ("fd" in options || "handle" in options || "_handle" in options) return undefined;
    if (options.port === undefined) return undefined;
    const port = portOf(options.port);
    return port === undefined ? undefined : { port, options, callbacks };
  }
  if (first === undefined || first === null || typeof first === "function") {
    return { port: 0, options: {}, callbacks };
  }
  const port = portOf(first);
  if (port === undefined) return undefined;
  const backlog = typeof second === "number" ? second : typeof third === "number" ? third : undefined;
  return { port, options: backlog === undefined ? {} : { backlog }, callbacks };
}

function portOf(value: unknown): number | undefined {
  if (typeof value !== "number" && typeof value !== "string") return undefined;
  if (typeof value === "string" && value.trim() === "") return undefined;
  const port = Number(value);
  return Number.isInteger(port) && port >= 0 && port < 65_536 ? port : undefined;
}

function follow(server: Server, declaredPort: number, open: Set<OpenListener>, onChange: () => void): void {
  server.once("listening", () => {
    const address = server.address();
    if (address === null || typeof address === "string") return;
    const listener: OpenListener = {
      server,
      declaredPort,
      port: address.port,
      protocol: protocolOf(server),
      openedAtMs: performance.now(),
      detached: false,
    };
    keepClusterPort(server, declaredPort);
    let closed = false;
    server.once("close", () => {
      closed = true;
      open.delete(listener);
      onChange();
    });
    // The primary of node:cluster takes the socket out of the server right after this event.
    setImmediate(() => {
      if (closed || [...open].some((other) => other.server === server)) return;
      if (!server.listening) Object.assign(listener, { detached: true, protocol: "relay" });
      open.add(listener);
      onChange();
    });
    setTimeout(onChange, fallbackDelayMs + 50).unref();
  });
}

// The primary of node:cluster listens for its workers, and each worker checks that it got the port it asked for
// (checkBindError of node:net): the socket says the declared one.
function keepClusterPort(server: Server, declaredPort: number): void {
  if (declaredPort === 0 || Object.keys(cluster.workers ?? {}).length === 0) return;
  const handle = Reflect.get(server, "_handle") as {
    getsockname?: (out: { port?: number }) => number;
  } | null;
  const read = handle?.getsockname?.bind(handle);
  if (handle === null || read === undefined) return;
  handle.getsockname = (out) => {
    const code = read(out);
    out.port = declaredPort;
    return code;
  };
}

function protocolOf(server: Server): Listener["protocol"] {
  if (server instanceof HttpsServer) return "https";
  return server instanceof HttpServer ? "http" : "relay";
}
