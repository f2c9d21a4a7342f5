import type { Socket } from "node:net";

import { FairleadError, isRunning } from "../../../kernel/index.ts";
import { writeLine } from "../lines.ts";
import type { AgentOrder, AgentStatus } from "../protocol.ts";
import type { ProcessRecord } from "../state.ts";

/** One application process as the host sees it. */
export interface AppProcess {
  readonly record: ProcessRecord;
  /** It was healthy, and serves or can serve. */
  isReady: boolean;
  /** It was last told to accept. */
  isWanted: boolean;
  /** It was told to end; what it leaves behind gets the rest of its grace. */
  isTerminating: boolean;
  /** Set when it is gone: how it ended. */
  endReason?: string;
  /** The agent's last report. */
  status?: AgentStatus;
  /** Resolves with how it ended. */
  readonly ended: Promise<string>;
  /** Tells that it is gone; the first call counts. */
  end(reason: string): void;
  /** Connects it with its agent; called again when the agent comes back. */
  attach(socket: Socket): void;
  /** Notes a message of its agent. */
  receive(
    message: { type: "status"; status: AgentStatus } | { type: "done"; id: number; error?: string },
  ): void;
  /** Whether the agent can be talked to. */
  isLinked(): boolean;
  order(
    order: { type: "accept" } | { type: "release"; drainTimeoutMs: number; quick: boolean },
  ): Promise<void>;
  bye(): void;
}

const orderTimeoutMs = 5000;
const pollIntervalMs = 250;

/** Wraps an application process; `onChange` is called after each report and at its end. */
export function createAppProcess(record: ProcessRecord, onChange: () => void): AppProcess {
  const pending = new Map<number, (error?: string) => void>();
  const ended = Promise.withResolvers<string>();
  let link: Socket | undefined;
  let nextOrder = 1;
  const checkLife = () => {
    if (!isRunning(record)) self.end("it ended");
  };
  // Of a process that an earlier host started there is no exit event.
  const timer = setInterval(checkLife, pollIntervalMs);

  const send = (order: AgentOrder) => link !== undefined && writeLine(link, order);
  const self: AppProcess = {
    record,
    isReady: false,
    isWanted: false,
    isTerminating: false,
    ended: ended.promise,
    end(reason) {
      if (self.endReason !== undefined) return;
      clearInterval(timer);
      self.endReason = reason;
      self.isReady = false;
      link?.destroy();
      for (const settle of pending.values()) settle(`the process is gone: ${reason}`);
      pending.clear();
      ended.resolve(reason);
      onChange();
    },
    attach(socket) {
      link?.destroy();
      link = socket;
      socket.on("close", () => {
        if (link === socket) link = undefined;
      });
    },
    receive(message) {
      if (message.type === "status") {
        self.status = message.status;
        onChange();
        return;
      }
      pending.get(message.id)?.(message.error);
      pending.delete(message.id);
    },
    isLinked: () => link !== undefined,
    order: (order) =>
      new Promise((resolve, reject) => {
        const id = nextOrder;
        nextOrder += 1;
        const fail = (reason: string) => {
          const what = `process ${String(record.pid)} did not ${order.type}`;
          reject(new FairleadError("process-unresponsive", `${what}: ${reason}`, { exit: "environment" }));
        };
        const timer = setTimeout(() => {
          pending.delete(id);
          fail(`no answer within ${String(orderTimeoutMs / 1000)} s`);
        }, orderTimeoutMs);
        pending.set(id, (error) => {
          clearTimeout(timer);
          if (error === undefined) resolve();
          else fail(error);
        });
        if (send({ ...order, id })) return;
        pending.delete(id);
        clearTimeout(timer);
        fail("its agent is not connected");
      }),
    bye() {
      send({ type: "bye" });
    },
  };
  return self;
}
