import { Agent, get, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";

import { afterEach, beforeEach, expect, it } from "vitest";

import { createProject, eventually, type Project } from "./test/project.ts";

let project: Project;
beforeEach(async () => {
  project = await createProject();
  await project.start("d1", "1", { drainTimeoutMs: 1500 });
  await project.start("d2", "2", { drainTimeoutMs: 1500 });
  await project.switchTo("d1");
});
afterEach(async () => {
  await project.dispose();
});

const stateOf = async (id: string) =>
  (await project.observe()).deployments.find((one) => one.id === id)?.state;

it("finishes what is in flight, as the last answer of its connection", async () => {
  const slow = fetchWith(new Agent({ keepAlive: true }), "/slow?ms=900");
  await eventually(project.observe, ({ deployments }) =>
    deployments.some(({ counts }) => counts?.inFlight === 1),
  );
  await project.switchTo("d2");
  expect(await stateOf("d1")).toBe("draining");
  const answer = await slow;
  expect(answer).toMatchObject({ text: "1", connection: "close" });
  await eventually(
    () => stateOf("d1"),
    (state) => state === "ready",
  );
});

it("answers one more request on a live keep-alive connection and ends it", async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect(await fetchWith(agent, "/")).toMatchObject({ text: "1", connection: "keep-alive" });
  await project.switchTo("d2");
  expect(await fetchWith(agent, "/")).toMatchObject({ text: "1", connection: "close" });
  expect(await fetchWith(agent, "/")).toMatchObject({ text: "2", connection: "keep-alive" });
  agent.destroy();
});

it("lets event streams go on until the drain is over, then ends them cleanly", async () => {
  const stream = await openStream("/events");
  await project.switchTo("d2");
  const startedAt = performance.now();
  const ending = await stream.ended;
  expect(ending).toBe("complete");
  // It was not cut when the switch came.
  expect(performance.now() - startedAt).toBeGreaterThan(1000);
  await eventually(
    () => stateOf("d1"),
    (state) => state === "ready",
  );
  const counts = (await project.observe()).deployments.find(({ id }) => id === "d1")?.counts;
  expect(counts).toMatchObject({ requests: 1, aborted: 0, inFlight: 0, connections: 0 });
});

it("closes WebSockets with the code for a restart", async () => {
  const start = { kind: "node" as const, entry: "socket.cjs", args: [], nodeArgs: [] };
  await project.start("ws", "3", { start, drainTimeoutMs: 700, health: { path: "/", timeoutMs: 10_000 } });
  await project.switchTo("ws");
  const socket = connect(project.port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  const closed = new Promise((resolve) => socket.on("close", resolve));
  socket.write(
    "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  await eventually(
    () => Promise.resolve(Buffer.concat(chunks).toString()),
    (text) => text.includes("101"),
  );
  await project.switchTo("d2");
  await closed;
  expect(Buffer.concat(chunks).subarray(-4)).toEqual(Buffer.from([0x88, 0x02, 0x03, 0xf4]));
});

it("waits for what is in flight before it stops a deployment", async () => {
  const slow = fetchWith(new Agent(), "/slow?ms=1000");
  await eventually(project.observe, ({ deployments }) =>
    deployments.some(({ counts }) => counts?.inFlight === 1),
  );
  await project.switchTo("d2");
  await project.stop("d1");
  expect((await slow).text).toBe("1");
});

it("finishes what is in flight although the host is killed while it stops the deployment", async () => {
  await project.start("d3", "3", { drainTimeoutMs: 10_000 });
  await project.switchTo("d3");
  const slow = fetchWith(new Agent(), "/slow?ms=2500");
  await eventually(project.observe, ({ deployments }) =>
    deployments.some(({ counts }) => counts?.inFlight === 1),
  );
  await project.switchTo("d2");
  const stopping = project.stop("d3");
  await new Promise((resolve) => setTimeout(resolve, 200));
  process.kill(await project.hostPid(), "SIGKILL");
  await stopping;
  expect((await slow).text).toBe("3");
  expect(await stateOf("d3")).toBe("stopped");
});

it("finishes what is in flight before it goes down", async () => {
  const slow = fetchWith(new Agent({ keepAlive: true }), "/slow?ms=800");
  await eventually(project.observe, ({ deployments }) =>
    deployments.some(({ counts }) => counts?.inFlight === 1),
  );
  await project.platform.hosting?.down(project.context, "production");
  expect((await slow).text).toBe("1");
});

it("counts public requests only, over restarts of the process and of the host", async () => {
  const countsOf = async () => (await project.observe()).deployments.find(({ id }) => id === "d1")?.counts;
  for (let index = 0; index < 5; index += 1) await project.ask();
  await project.ask("/error");
  const address = (await project.observe()).deployments.find(({ id }) => id === "d1")?.privateAddress ?? "";
  await (await fetch(`${address}/`)).text();
  const gone = get(`${project.origin}/slow?ms=5000`).on("error", () => undefined);
  await eventually(countsOf, (counts) => counts?.inFlight === 1);
  gone.destroy();
  const counts = await eventually(countsOf, (current) => current?.aborted === 1);
  expect(counts).toMatchObject({ requests: 7, errors: 1, aborted: 1, inFlight: 0 });
  expect(counts?.latency.counts.reduce((sum, count) => sum + count, 0)).toBe(6);

  process.kill(await project.hostPid(), "SIGKILL");
  await eventually(countsOf, (current) => current?.requests === 7);
  await project.ask("/crash");
  await project.ask();
  expect(await eventually(countsOf, (current) => (current?.requests ?? 0) >= 8)).toMatchObject({ errors: 1 });
});

function fetchWith(agent: Agent, path: string): Promise<{ text: string; connection: string | undefined }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${project.origin}${path}`, { agent }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => {
        resolve({ text, connection: response.headers.connection });
      });
    });
    outgoing.on("error", reject).end();
  });
}

async function openStream(path: string): Promise<{ ended: Promise<string> }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${project.origin}${path}`, { agent: false }, resolve).on("error", reject);
  });
  const ended = new Promise<string>((resolve) => {
    response.on("end", () => {
      resolve("complete");
    });
    response.on("error", (error) => {
      resolve(error.message);
    });
  });
  response.resume();
  return { ended };
}
