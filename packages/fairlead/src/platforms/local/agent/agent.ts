import { fstatSync } from "node:fs";
import type { Server } from "node:net";

import { type AgentOrder, type AgentStatus, type AgentTask, firstSocketDescriptor } from "../protocol.ts";
import { openAcceptor, type Target } from "./acceptor.ts";
import { startDrain } from "./drain.ts";
import { openLink } from "./link.ts";
import { chooseMain, type OpenListener } from "./listeners.ts";
import { createTraffic } from "./traffic.ts";

const reportIntervalMs = 500;

export interface Agent {
  /** Tells the host what has changed. */
  report(): void;
}

/** Runs the agent of one process over the servers that it opens: accepts, releases and counts by the host's orders. */
export function startAgent(task: AgentTask, listeners: ReadonlySet<OpenListener>): Agent {
  const traffic = createTraffic(task.publicPort);
  const observed = new WeakSet<Server>();
  const descriptors = Array.from({ length: task.copies }, (_, index) => firstSocketDescriptor + index);
  const socketInode = inodeOf(descriptors[0]);
  let acceptor: Server | undefined;
  let target: Target | undefined;
  let callOffDrain: (() => void) | undefined;
  let reported = "";

  const status = (): AgentStatus => {
    const choice = chooseMain(listeners, task.publicPort, performance.now());
    return {
      listeners: [...listeners].map(describe),
      ...(choice.main === undefined ? {} : { main: describe(choice.main) }),
      ...(choice.problem === undefined ? {} : { problem: choice.problem }),
      accepting: acceptor !== undefined,
      draining: callOffDrain !== undefined && traffic.connections.size > 0,
      copies: descriptors.length,
      counts: traffic.counts,
    };
  };
  const accept = async () => {
    if (acceptor !== undefined) return;
    const { main } = chooseMain(listeners, task.publicPort, performance.now());
    if (main === undefined) throw new Error("the application does not listen");
    if (descriptors.length < 2) throw new Error("the copies of the public socket are used up");
    const descriptor = descriptors.shift() ?? firstSocketDescriptor;
    callOffDrain?.();
    callOffDrain = undefined;
    target = main;
    if (main.protocol !== "relay" && !observed.has(main.server)) {
      observed.add(main.server);
      traffic.observe(main.server);
      closeTogether(main.server, stopAccepting);
    }
    acceptor = await openAcceptor(descriptor, main, traffic);
  };
  const stopAccepting = () => {
    acceptor?.close();
    acceptor = undefined;
    report();
  };
  const release = (order: Extract<AgentOrder, { type: "release" }>) => {
    if (acceptor !== undefined) stopAccepting();
    callOffDrain?.();
    const keepAliveTimeoutMs = keepAliveTimeoutOf(target?.server);
    callOffDrain = startDrain(traffic, { ...order, keepAliveTimeoutMs });
    if (traffic.connections.size === 0) finishDrain();
  };
  const finishDrain = () => {
    if (callOffDrain === undefined || traffic.connections.size > 0) return;
    callOffDrain();
    callOffDrain = undefined;
    report();
  };
  traffic.onGone = finishDrain;

  const link = openLink(task, {
    hello: () => ({
      type: "hello",
      deployment: task.deployment,
      key: task.key,
      pid: process.pid,
      socketInode,
      status: status(),
    }),
    onOrder: (order) => {
      void obey(order);
    },
    spareSocket: () => descriptors.at(-1),
  });
  const obey = async (order: Exclude<AgentOrder, { type: "bye" }>) => {
    let error: string | undefined;
    try {
      if (order.type === "accept") await accept();
      else release(order);
    } catch (cause) {
      error = cause instanceof Error ? cause.message : String(cause);
    }
    report();
    link.send({ type: "done", id: order.id, ...(error === undefined ? {} : { error }) });
  };
  const report = () => {
    const current = status();
    const text = JSON.stringify(current);
    if (text === reported) return;
    reported = text;
    link.send({ type: "status", status: current });
  };
  setInterval(report, reportIntervalMs).unref();
  return { report };
}

// When the application closes its server by itself, new connections have to go to other processes from then on.
function closeTogether(server: Server, onClose: () => void): void {
  const close = server.close.bind(server);
  server.close = (callback) => {
    onClose();
    return close(callback);
  };
}

// Of HTTP and HTTPS servers, which have no common class that says so.
function keepAliveTimeoutOf(server: Server | undefined): number {
  const timeoutMs: unknown = server === undefined ? 0 : Reflect.get(server, "keepAliveTimeout");
  return typeof timeoutMs === "number" ? timeoutMs : 0;
}

function describe(listener: OpenListener) {
  return { declaredPort: listener.declaredPort, port: listener.port, protocol: listener.protocol };
}

// Elsewhere than on Linux a socket's inode says nothing; the host compares it with its own, made by the same rule.
function inodeOf(descriptor: number | undefined): number {
  if (process.platform !== "linux") return 0;
  try {
    return descriptor === undefined ? 0 : fstatSync(descriptor).ino;
  } catch {
    return 0;
  }
}
