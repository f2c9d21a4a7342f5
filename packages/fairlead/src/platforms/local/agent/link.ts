import { connect, type Socket } from "node:net";

import { readLines, writeLine } from "../lines.ts";
import type { AgentMessage, AgentOrder, AgentTask } from "../protocol.ts";
import { spawnSuccessor } from "./successor.ts";

export interface Link {
  send(message: AgentMessage): void;
}

const shortestWaitMs = 50;
const longestWaitMs = 1000;

/**
 * Keeps the agent connected with the environment's host, for as long as the process lives; never keeps the process
 * alive. A host that goes without `bye` gets a successor, started with a copy of the public socket.
 */
export function openLink(
  task: AgentTask,
  parts: {
    hello: () => AgentMessage;
    onOrder: (order: Exclude<AgentOrder, { type: "bye" }>) => void;
    spareSocket: () => number | undefined;
  },
): Link {
  let current: Socket | undefined;
  let waitMs = shortestWaitMs;
  let isLeaving = false;

  const open = () => {
    const socket = connect(task.controlSocket).unref();
    socket.on("connect", () => {
      waitMs = shortestWaitMs;
      current = socket;
      writeLine(socket, parts.hello());
    });
    readLines(socket, (message) => {
      const order = message as AgentOrder;
      if (order.type === "bye") isLeaving = true;
      else parts.onOrder(order);
    });
    socket.on("close", () => {
      current = undefined;
      // Jitter: of many processes that lost their host, one comes first.
      const delayMs = waitMs * (0.5 + Math.random());
      waitMs = Math.min(waitMs * 2, longestWaitMs);
      setTimeout(reopen, delayMs).unref();
    });
  };
  const reopen = () => {
    const descriptor = parts.spareSocket();
    if (!isLeaving && descriptor !== undefined && waitMs > shortestWaitMs * 2) {
      spawnSuccessor(task.successor, descriptor);
    }
    open();
  };
  open();
  return {
    send: (message) => {
      if (current !== undefined) writeLine(current, message);
    },
  };
}
