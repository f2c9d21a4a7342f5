import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";

import { FairleadError, identifyProcess, messageOf } from "../../../kernel/index.ts";
import { readLines, writeLine } from "../lines.ts";
import type { AgentMessage, HostFailure, HostRequest } from "../protocol.ts";
import type { HostCore } from "./core.ts";
import type { Host } from "./host.ts";

export type Methods = Record<string, (params: unknown) => Promise<unknown>>;

export interface ControlServer {
  /** Opens the socket again if its file is gone (temporary folders are cleaned). */
  repair(): Promise<void>;
  close(): Promise<void>;
}

/** Listens on the control socket, where agents report and commands ask; the caller holds the host's lock. */
export async function openControlServer(
  core: HostCore,
  host: Host,
  methods: Methods,
): Promise<ControlServer> {
  const path = core.layout.controlSocket;
  const open = async () => {
    // Whoever left the file is gone: the lock is ours.
    await rm(path, { force: true });
    const server = createServer((socket) => {
      serveConnection(core, host, methods, socket);
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
    return server;
  };
  let current: Server = await open();
  return {
    async repair() {
      if (existsSync(path)) return;
      current.close();
      current = await open();
    },
    async close() {
      current.close();
      await rm(path, { force: true });
    },
  };
}

function serveConnection(core: HostCore, host: Host, methods: Methods, socket: Socket): void {
  let key: string | undefined;
  readLines(socket, (message) => {
    const incoming = message as AgentMessage | HostRequest;
    if (incoming.type === "request") void answer(methods, socket, incoming);
    else if (incoming.type === "hello") key = welcome(core, host, socket, incoming);
    else if (key !== undefined) host.findProcess(key)?.receive(incoming);
  });
}

function welcome(
  core: HostCore,
  host: Host,
  socket: Socket,
  hello: Extract<AgentMessage, { type: "hello" }>,
): string | undefined {
  const known = host.findProcess(hello.key);
  if (known?.record.pid === hello.pid && hello.socketInode === core.socketInode) {
    known.attach(socket);
    known.receive({ type: "status", status: hello.status });
    return hello.key;
  }
  // A process that nobody has written down, or that holds another socket than this host, could never serve.
  core.log(`process ${String(hello.pid)} of ${hello.deployment} does not belong to this host and is ended`);
  const identity = identifyProcess(hello.pid);
  if (identity !== undefined) endGroup(identity.pid);
  socket.destroy();
  return undefined;
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}

async function answer(methods: Methods, socket: Socket, request: HostRequest): Promise<void> {
  const method = methods[request.method];
  try {
    if (method === undefined)
      throw new FairleadError("host-outdated", `the host does not know ${request.method}`);
    writeLine(socket, { id: request.id, result: await method(request.params) });
  } catch (error) {
    writeLine(socket, { id: request.id, error: describeFailure(error) });
  }
}

/** An error as it crosses the control socket. */
export function describeFailure(error: unknown): HostFailure {
  if (!(error instanceof FairleadError))
    return { code: "host-error", message: messageOf(error), exit: "bug" };
  return {
    code: error.code,
    message: error.message,
    exit: error.exit,
    details: error.details,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  };
}
