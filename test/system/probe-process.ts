// Sends requests at a constant rate, whether the answers come or not (open loop), until it is told to stop.
// Started by probe.ts with an IPC channel, so that the load does not depend on what the test itself is doing.
import { Agent, request } from "node:http";

import type { ProbeResult, Sample } from "./probe.ts";

const [address = "", rateText = "40", getPath = "/work", postPath = "/echo", postStatus = "200"] =
  process.argv.slice(2);
const rate = Number(rateText);
const timeoutMs = 30_000;
const kept = new Agent({ keepAlive: true, maxFreeSockets: 20 });
const samples: Sample[] = [];
let sent = 0;
let open = 0;
let stopping = false;

const kinds = [
  { name: "GET new", method: "GET", path: getPath, agent: false as const },
  { name: "GET kept", method: "GET", path: getPath, agent: kept },
  { name: "POST new", method: "POST", path: postPath, agent: false as const },
  { name: "POST kept", method: "POST", path: postPath, agent: kept },
];

function fire(): void {
  const kind = kinds[sent % kinds.length];
  if (kind === undefined) return;
  const isPost = kind.method === "POST";
  const body = isPost ? `echo ${String(sent)} ${"x".repeat(sent % 500)}` : undefined;
  const at = Date.now();
  const begun = performance.now();
  sent += 1;
  open += 1;
  const finish = (problem?: string) => {
    open -= 1;
    samples.push({
      at,
      kind: kind.name,
      durationMs: performance.now() - begun,
      ...(problem === undefined ? {} : { problem }),
    });
    if (stopping && open === 0) report();
  };
  const outgoing = request(`${address}${kind.path}`, {
    method: kind.method,
    agent: kind.agent,
    timeout: timeoutMs,
    headers: body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) },
  });
  outgoing.on("timeout", () => outgoing.destroy(new Error("no answer within 30 s")));
  outgoing.on("error", (error) => {
    finish(`${kind.name}: ${"code" in error ? String(error.code) : ""} ${error.message}`);
  });
  outgoing.on("response", (response) => {
    let text = "";
    response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    response.on("error", () => undefined);
    response.on("close", () => {
      if (!response.complete) finish(`${kind.name}: the answer broke off`);
      else if (response.statusCode !== (isPost ? Number(postStatus) : 200))
        finish(`${kind.name}: status ${String(response.statusCode)}`);
      else if (postPath === "/echo" && body !== undefined && text !== body)
        finish(`${kind.name}: another answer than what was sent`);
      else finish();
    });
  });
  outgoing.end(body);
}

function report(): void {
  const result: ProbeResult = { sent, samples };
  process.send?.(result, () => process.exit(0));
}

const begun = performance.now();
const timer = setInterval(() => {
  const due = Math.floor(((performance.now() - begun) * rate) / 1000);
  while (sent < due) fire();
}, 5);

process.on("message", () => {
  stopping = true;
  clearInterval(timer);
  if (open === 0) report();
});
process.on("disconnect", () => process.exit(1));
