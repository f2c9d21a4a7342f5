import { Server as HttpServer } from "node:http";
import { connect, Server, type Socket } from "node:net";

import type { OpenListener } from "./listeners.ts";
import type { Connection, Traffic } from "./traffic.ts";

/** How many connections the kernel may keep waiting, bounded again by net.core.somaxconn. */
const backlog = 4096;

/** Where a public connection goes: into a server of this process, or to a port that another process answers. */
export type Target = Pick<OpenListener, "port" | "protocol"> & { server?: Server };

/** Begins to accept connections from the public socket `descriptor` and hands them to the target; gives the acceptor. */
export function openAcceptor(descriptor: number, target: Target, traffic: Traffic): Promise<Server> {
  const acceptor = new Server({ ...socketOptions(target.server), allowHalfOpen: true });
  acceptor.on("connection", (socket: Socket) => {
    if (target.server === undefined || target.protocol === "relay") relay(socket, target.port, traffic);
    else handOver(acceptor, target.server, socket, traffic);
  });
  return new Promise((resolve, reject) => {
    acceptor.once("error", reject);
    acceptor.listen({ fd: descriptor, backlog }, () => {
      acceptor.removeListener("error", reject);
      acceptor.on("error", () => undefined);
      acceptor.unref();
      resolve(acceptor);
    });
  });
}

interface ServerInternals {
  noDelay?: boolean;
  keepAlive?: boolean;
  keepAliveInitialDelay?: number;
  highWaterMark?: number;
  _connections?: number;
}

// node:net applies these to each accepted socket from the properties of the accepting server.
function socketOptions(server: Server | undefined): ServerInternals {
  const source: ServerInternals = (server ?? { noDelay: true }) as ServerInternals;
  return {
    noDelay: source.noDelay ?? true,
    keepAlive: source.keepAlive ?? false,
    ...(source.keepAliveInitialDelay === undefined
      ? {}
      : { keepAliveInitialDelay: source.keepAliveInitialDelay }),
    ...(source.highWaterMark === undefined ? {} : { highWaterMark: source.highWaterMark }),
  };
}

// The connection is counted for the application's server, not for the acceptor, so that `server.close()` of the
// application waits for it, and `maxConnections` and `getConnections()` see it.
function handOver(acceptor: Server, server: Server, socket: Socket, traffic: Traffic): void {
  const from = acceptor as Server & ServerInternals;
  const to = server as Server & ServerInternals;
  if (typeof from._connections === "number" && typeof to._connections === "number") {
    const limit = server.maxConnections as number | undefined;
    if (limit !== undefined && limit > 0 && to._connections >= limit) {
      socket.destroy();
      return;
    }
    from._connections -= 1;
    to._connections += 1;
    Reflect.set(socket, "_server", server);
    Reflect.set(socket, "server", server);
  }
  // A TLS server makes an encrypted socket of it, which is counted when it is ready.
  if (server instanceof HttpServer) traffic.add(socket);
  server.emit("connection", socket);
}

function relay(socket: Socket, port: number, traffic: Traffic): void {
  const connection = traffic.add(socket);
  const upstream = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
  watchDirection(connection, socket, upstream);
  socket.pipe(upstream);
  upstream.pipe(socket);
  // An error ends both sides the same way, so that neither end waits for the other for ever.
  for (const [one, other] of [
    [socket, upstream],
    [upstream, socket],
  ] as const) {
    one.on("error", () => other.destroy());
    one.on("close", () => {
      if (!other.destroyed) other.destroySoon();
    });
  }
}

function watchDirection(connection: Connection, socket: Socket, upstream: Socket): void {
  socket.on("data", () => {
    connection.pending = true;
    connection.idleSinceMs = performance.now();
  });
  upstream.on("data", () => {
    connection.pending = false;
    connection.idleSinceMs = performance.now();
  });
}
