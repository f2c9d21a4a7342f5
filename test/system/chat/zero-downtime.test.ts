import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, expect, it } from "vitest";

import { failuresOf, startProbe, tailLatencies } from "../probe.ts";
import { freePort } from "../project.ts";
import { openStreams } from "../streams.ts";
import { startWriter } from "../writer.ts";

const minuteMs = 60_000;
const folder = fileURLToPath(new URL(".", import.meta.url));
const program = fileURLToPath(new URL("../../../packages/fairlead/bin/fairlead.js", import.meta.url));
let port: number;
let address: string;

beforeAll(async () => {
  port = await freePort();
  address = `http://127.0.0.1:${String(port)}`;
});
afterAll(async () => {
  await fairlead("down");
  await rm(join(folder, ".fairlead"), { recursive: true, force: true });
}, minuteMs);

async function fairlead(...args: string[]): Promise<{ code: number; text: string }> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env: { ...process.env, CHAT_PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  }
  const [code] = (await once(child, "close")) as [number];
  return { code, text };
}

/** Signs somebody up; gives the cookie of the login. */
async function signUp(): Promise<string> {
  const form = { name: "Ada", email: "ada@example.test", password: "a long password", next: "/" };
  const response = await fetch(`${address}/forms/signup`, {
    method: "POST",
    body: new URLSearchParams(form),
    redirect: "manual",
  });
  const cookies = response.headers.getSetCookie().map((line) => line.split(";")[0] ?? "");
  expect(cookies.join()).toContain("=");
  return cookies.join("; ");
}

async function createSession(cookie: string): Promise<string> {
  const response = await fetch(`${address}/api/sessions`, {
    method: "POST",
    headers: { cookie, "content-type": "application/json" },
    body: JSON.stringify({ title: "Deploys" }),
  });
  const { session } = (await response.json()) as { session: { id: string } };
  return session.id;
}

it(
  "drops no request and no message of the reference application over three deploys and a rollback",
  { timeout: 20 * minuteMs },
  async () => {
    const first = await fairlead("deploy", "production", "--yes");
    expect(first.code, first.text).toBe(0);
    const cookie = await signUp();
    const messages = `${address}/api/sessions/${await createSession(cookie)}`;
    const probe = await startProbe(address, 20, { get: "/login", post: "/api/sessions", postStatus: 401 });
    const streams = openStreams(`${messages}/stream`, 50, { cookie });
    const writer = startWriter(`${messages}/messages`, 3, { cookie });
    const switches: number[] = [];
    for (let deploy = 0; deploy < 3; deploy += 1) {
      const result = await fairlead("deploy", "production", "--yes", "--rebuild");
      expect(result.code, result.text).toBe(0);
      switches.push(Date.now());
    }
    const back = await fairlead("rollback", "production");
    expect(back.code, back.text).toBe(0);
    switches.push(Date.now());

    const written = await writer.stop();
    const everyStreamSawTheLast = await streams.waitFor(written.last, 20_000);
    const seen = streams.stop();
    const result = await probe.stop();
    const tail = tailLatencies(result, switches);
    console.log(
      [
        `chat: requests ${String(result.sent)}, failed ${JSON.stringify(failuresOf(result))}`,
        `p99 near a switch ${tail.near.toFixed(1)} ms, steady (builds among it) ${tail.steady.toFixed(1)} ms`,
        `messages ${String(written.last)}, failed posts ${String(written.failed)}; 50 streams received ` +
          `${String(seen.received)}, lost ${String(seen.lost)}, doubled ${String(seen.doubled)}`,
      ].join("\n"),
    );
    expect(failuresOf(result)).toEqual({});
    expect(written.failed).toBe(0);
    expect(everyStreamSawTheLast).toBe(true);
    expect(seen).toMatchObject({ lost: 0, doubled: 0 });
  },
);
