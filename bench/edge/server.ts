import { createServer } from "node:net";

import {
  type Context,
  FairleadError,
  lastLines,
  messageOf,
  waitFor,
} from "../../packages/fairlead/src/kernel/index.ts";

const startTimeoutMs = 15_000;
const keptOutput = 10_000;

/** A contender that answers on 127.0.0.1. */
export interface Server {
  port: number;
  /** The process groups of all that belongs to it, for their CPU time. */
  groups: number[];
  stop(): Promise<void>;
}

/** Starts a process that gets `PORT` and waits until the application answers through it. Errors: `server-start-failed`. */
export async function startServer(
  context: Context,
  parts: { name: string; argv: readonly string[]; port: number; env?: Record<string, string> },
): Promise<Server> {
  const { name, port } = parts;
  const stopping = new AbortController();
  const signal = AbortSignal.any([context.signal, stopping.signal]);
  const groups: number[] = [];
  let outcome: string[] | undefined;
  const env = { ...parts.env, PORT: String(port), HOSTNAME: "127.0.0.1", NODE_ENV: "production" };
  // A process of `exec` leads a group of its own.
  const onStart = (pid: number) => groups.push(pid);
  const ended = context.exec(parts.argv, { env, signal, onStart, keepOutput: keptOutput }).then(
    ({ code, stderr }) => (outcome = [`exit code ${String(code)}`, ...lastLines(stderr, 10)]),
    (error: unknown) => (outcome = [messageOf(error)]),
  );
  const stop = async () => {
    stopping.abort();
    await ended;
  };
  try {
    await waitForAnswer(context, { name, port, failure: () => outcome });
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, groups, stop };
}

/** Waits until the benchmark's application answers at that port. Errors: `server-start-failed`, `cancelled`. */
async function waitForAnswer(
  context: Context,
  server: { name: string; port: number; failure: () => string[] | undefined },
): Promise<void> {
  const probe = async () => {
    const failure = server.failure();
    if (failure !== undefined) return failure;
    return (await answers(context, server.port)) ? [] : undefined;
  };
  const options = { timeoutMs: startTimeoutMs, intervalMs: 50, signal: context.signal };
  const failure = await waitFor(context.clock, probe, options);
  if (failure?.length === 0) return;
  throw new FairleadError("server-start-failed", `${server.name} does not answer`, {
    details: failure ?? [`nothing came within ${String(startTimeoutMs / 1000)} s`],
  });
}

async function answers(context: Context, port: number): Promise<boolean> {
  try {
    const response = await context.fetch(`http://127.0.0.1:${String(port)}/`, {
      headers: { connection: "close" },
      signal: context.signal,
    });
    return (await response.text()).includes("fairlead-bench");
  } catch {
    return false;
  }
}

/** A port of 127.0.0.1 that nobody listens on at this moment. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("there is no free port");
  return address.port;
}
