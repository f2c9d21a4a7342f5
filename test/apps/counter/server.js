// A small HTTP application without dependencies, for whole-system tests. How it (mis)behaves stands in behaviour.json, so
// that a test makes a good or bad release by changing one file.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

import { streamEvents } from "./events.js";

const behaviour = JSON.parse(readFileSync(new URL("behaviour.json", import.meta.url), "utf8"));
const release = process.env.FAIRLEAD_RELEASE ?? "unreleased";
const port = Number(process.env.PORT ?? 3000);
const host = process.env.HOSTNAME ?? "127.0.0.1";
let count = 0;

const routes = {
  "GET /": (request, response) => sendPage(response, `<p>Release ${release}</p><a href="/about">about</a>`),
  "GET /about": (request, response) => sendPage(response, `<a href="/">home</a>`),
  "GET /app.css": (request, response) => send(response, 200, "text/css", "body { font-family: sans-serif }"),
  "GET /health": async (request, response) => {
    await pause(behaviour.healthDelayMs);
    sendJson(response, behaviour.health, { ok: behaviour.health < 400, release, pid: process.pid });
  },
  "GET /version": (request, response) => sendJson(response, 200, { release, pid: process.pid }),
  "GET /environment": (request, response) => sendJson(response, 200, Object.keys(process.env).sort()),
  "POST /count": (request, response) => sendJson(response, 200, { count: (count += 1) }),
  "GET /slow": async (request, response, url) => {
    await pause(Number(url.searchParams.get("ms") ?? 1000));
    sendJson(response, 200, { release });
  },
  "GET /events": streamEvents,
  "POST /echo": async (request, response) => {
    const hash = createHash("sha256");
    const chunks = [];
    for await (const chunk of request) {
      hash.update(chunk);
      chunks.push(chunk);
    }
    response.setHeader("x-sha256", hash.digest("hex"));
    send(response, 200, request.headers["content-type"] ?? "application/octet-stream", Buffer.concat(chunks));
  },
};

async function handle(request, response) {
  const url = new URL(request.url ?? "/", "http://localhost");
  response.setHeader("x-release", release);
  const route = routes[`${request.method === "HEAD" ? "GET" : request.method} ${url.pathname}`];
  if (route === undefined) return sendJson(response, 404, { error: "not found" });
  if (url.pathname !== "/health") {
    await pause(behaviour.latencyMs);
    if (Math.random() < behaviour.errorShare) return sendJson(response, 500, { error: "as told" });
  }
  await route(request, response, url);
}

function sendPage(response, body) {
  const head = `<title>counter</title><link rel="stylesheet" href="/app.css">`;
  send(
    response,
    200,
    "text/html; charset=utf-8",
    `<!doctype html><html><head>${head}</head><body>${body}</body></html>`,
  );
}

function sendJson(response, status, value) {
  send(response, status, "application/json", `${JSON.stringify(value)}\n`);
}

function send(response, status, type, body) {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

function pause(durationMs) {
  return durationMs > 0 ? new Promise((resolve) => setTimeout(resolve, durationMs)) : Promise.resolve();
}

if (behaviour.exitAtStart) {
  console.error("counter: told not to start");
  process.exit(7);
}
const server = createServer((request, response) => {
  handle(request, response).catch((error) => {
    console.error(error);
    response.destroy();
  });
});
await pause(behaviour.listenDelayMs);
server.listen(port, host, () => console.log(`counter ${release} listens on ${host}:${port}`));
if (behaviour.exitAfterMs > 0) {
  setTimeout(() => {
    console.error("counter: told to end");
    process.exit(9);
  }, behaviour.exitAfterMs);
}
process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
