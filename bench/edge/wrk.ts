import { join } from "node:path";

import { type Context, FairleadError, lastLines } from "../../packages/fairlead/src/kernel/index.ts";

const connections = 64;
const script = join(import.meta.dirname, "wrk.lua");
const marginMs = 15_000;

/** How long a connection pauses between an answer and its next request: 20 to 60 ms; `none` is as fast as it goes. */
export type Pace = "none" | "paced";

const pauses: Record<Pace, string[]> = { none: [], paced: ["20", "60"] };

/** What wrk measured. */
export interface Load {
  requests: number;
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
}

interface Output {
  requests: number;
  durationUs: number;
  p50Us: number;
  p99Us: number;
  connect: number;
  read: number;
  write: number;
  status: number;
  timeout: number;
}

/** Loads `http://127.0.0.1:<port>/` over 64 keep-alive connections. Errors: `load-failed`, also when a request failed. */
export async function load(
  context: Context,
  target: { wrk: string; name: string; port: number },
  options: { seconds: number; pace: Pace },
): Promise<Load> {
  const url = `http://127.0.0.1:${String(target.port)}/`;
  const size = [
    "--threads",
    "1",
    "--connections",
    String(connections),
    "--duration",
    String(options.seconds),
  ];
  const argv = [
    target.wrk,
    ...size,
    "--timeout",
    "5",
    "--script",
    script,
    url,
    "--",
    ...pauses[options.pace],
  ];
  const timeoutMs = options.seconds * 1000 + marginMs;
  const { code, stdout, stderr } = await context.exec(argv, { timeoutMs });
  const output = code === 0 ? readOutput(stdout) : undefined;
  if (output === undefined) {
    throw new FairleadError(
      "load-failed",
      `wrk ended with ${String(code)} and no figures for ${target.name}`,
      {
        details: lastLines(`${stdout}\n${stderr}`, 10),
      },
    );
  }
  refuseFailures(target.name, output);
  return {
    requests: output.requests,
    requestsPerSecond: output.requests / (output.durationUs / 1_000_000),
    p50Ms: output.p50Us / 1000,
    p99Ms: output.p99Us / 1000,
  };
}

// The last line is the one that wrk.lua writes.
function readOutput(stdout: string): Output | undefined {
  const line = stdout.trimEnd().split("\n").at(-1) ?? "";
  return line.startsWith("{") ? (JSON.parse(line) as Output) : undefined;
}

// Figures of answers that were none would flatter whoever fails fast.
function refuseFailures(name: string, output: Output): void {
  const { requests, connect, read, write, status, timeout } = output;
  if (requests > 0 && connect + read + write + status + timeout === 0) return;
  throw new FairleadError("load-failed", `${name} did not answer every request`, {
    details: [JSON.stringify({ requests, connect, read, write, status, timeout })],
  });
}
