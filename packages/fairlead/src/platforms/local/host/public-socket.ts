import net, { isIP } from "node:net";
import { getSystemErrorName } from "node:util";

import { FairleadError } from "../../../kernel/index.ts";

interface BoundHandle {
  fd: number;
  close(): void;
  getsockname(result: { port?: number }): number;
}

type CreateServerHandle = (address: string, port: number, addressType: number) => BoundHandle | number;

/** A bound TCP socket that nobody listens on yet. */
export interface PublicSocket {
  descriptor: number;
  /** Keeps the socket open for as long as this object is held. */
  close(): void;
}

/**
 * Binds the public address without listening. Errors: `port-in-use`, `bind-failed`.
 *
 * `net._createServerHandle` is the one semi-internal call of the platform: node:cluster makes the sockets of SCHED_NONE
 * with it, and no public call binds without listening. A host that listened would accept connections and strand them.
 */
export function bindPublicSocket(host: string, port: number): PublicSocket {
  const create = Reflect.get(net, "_createServerHandle") as CreateServerHandle | undefined;
  if (create === undefined) {
    throw new FairleadError("node-unsupported", `Node.js ${process.version} cannot bind without listening`, {
      exit: "environment",
      hint: "Use Node.js 22 or 24.",
    });
  }
  const address = host === "localhost" ? "127.0.0.1" : host;
  const family = isIP(address);
  if (family === 0) throw bindFailed(host, port, "it is not an IP address");
  const handle = create(address, port, family);
  if (typeof handle === "number") throw bindError(host, port, handle);
  // libuv keeps EADDRINUSE back until the next call on the socket.
  const delayed = handle.getsockname({});
  if (delayed !== 0) {
    handle.close();
    throw bindError(host, port, delayed);
  }
  return {
    descriptor: handle.fd,
    close: () => {
      handle.close();
    },
  };
}

function bindError(host: string, port: number, code: number): FairleadError {
  const name = getSystemErrorName(code);
  if (name !== "EADDRINUSE") return bindFailed(host, port, name);
  return new FairleadError("port-in-use", `port ${String(port)} on ${host} is in use`, {
    exit: "environment",
  });
}

function bindFailed(host: string, port: number, reason: string): FairleadError {
  return new FairleadError("bind-failed", `cannot bind ${host}:${String(port)}: ${reason}`, {
    exit: "environment",
    hint: "Set another host or port for this environment in fairlead.config.ts.",
  });
}
