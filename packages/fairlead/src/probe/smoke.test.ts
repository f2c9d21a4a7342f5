import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import { testContext } from "../kernel/index.ts";
import { smoke, type SmokeCheck, type SmokeReport, type SmokeRequest } from "./smoke.ts";

type Route = string | ((request: IncomingMessage, response: ServerResponse) => void);

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

interface Site {
  address: string;
  /** `METHOD path` of every request that came. */
  seen: string[];
}

async function serve(listener: RequestListener, port = 0): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  ends.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

/** A site of HTML pages by path; everything else is 404, `/health` is 200. */
async function site(routes: Record<string, Route>): Promise<Site> {
  const seen: string[] = [];
  const all: Record<string, Route> = { "/health": "ok", ...routes };
  const address = await serve((request, response) => {
    seen.push(`${request.method ?? ""} ${request.url ?? ""}`);
    const route = all[request.url ?? ""];
    if (typeof route === "function") route(request, response);
    else if (route === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(route);
  });
  return { address, seen };
}

function status(code: number, headers: Record<string, string> = {}): Route {
  return (_request, response) => response.writeHead(code, headers).end();
}

function run(address: string, more: Partial<SmokeRequest> = {}): Promise<SmokeReport> {
  const defaults = { healthPath: "/health", checks: [], crawlPages: 25, timeoutMs: 2000 };
  return smoke(testContext(), { address, ...defaults, ...more });
}

function check(parts: Partial<SmokeCheck> & { path: string }): SmokeCheck {
  return { method: "GET", status: 200, ...parts };
}

function result(report: SmokeReport, path: string) {
  return report.checked.find((one) => one.path === path);
}

describe("smoke by crawling", () => {
  it("visits linked pages and what they load, once each", async () => {
    const { address, seen } = await site({
      "/": `<script src="/app.js"></script><a href="/a">a</a><a href="/a#part">a</a><a href="/b">b</a>`,
      "/a": `<link rel="stylesheet" href="/app.css"><a href="/">home</a><form action="/submit"><button></form>`,
      "/b": `<a href="/logout">bye</a><a href="http://localhost.example/">away</a><img src="/p.png">`,
      "/app.js": "1",
      "/app.css": "a{}",
      "/p.png": "p",
    });
    const report = await run(address);
    expect(report).toMatchObject({ ok: true });
    expect(report.summary).toMatch(/^7 answered, the slowest in \d+ ms$/);
    const expected = ["/", "/a", "/app.css", "/app.js", "/b", "/health", "/p.png"].map(
      (path) => `GET ${path}`,
    );
    expect(seen.toSorted()).toEqual(expected);
  });

  it.each([
    ["a page that is 500", `<a href="/x">`, status(500), "status 500, linked by /"],
    ["a missing script", `<script src="/x"></script>`, status(404), "status 404, loaded by /"],
    ["a broken stylesheet", `<link rel="stylesheet" href="/x">`, status(503), "status 503, loaded by /"],
    [
      "a connection that breaks off",
      `<a href="/x">`,
      ((_request, response) => response.socket?.destroy()) satisfies Route,
      "connection closed before the answer was complete, linked by /",
    ],
  ])("fails for %s", async (_name, home, route, problem) => {
    const report = await run((await site({ "/": home, "/x": route })).address);
    expect(report.ok).toBe(false);
    expect(result(report, "/x")?.problem).toBe(problem);
    expect(report.summary).toContain(`1 of 3 failed: /x (${problem})`);
  });

  it.each([
    ["a linked page that is not there", `<a href="/x">`, status(404), "status 404, linked by /"],
    ["a missing picture", `<img src="/x">`, status(404), "status 404, loaded by /"],
    [
      "a redirect without end",
      `<a href="/x">`,
      status(302, { location: "/x" }),
      "more than 5 redirects, linked by /",
    ],
    [
      "a redirect elsewhere",
      `<a href="/x">`,
      status(302, { location: "http://a.example/" }),
      "redirects to http://a.example, linked by /",
    ],
  ])("warns of %s", async (_name, home, route, warning) => {
    const report = await run((await site({ "/": home, "/x": route })).address);
    expect(report.ok).toBe(true);
    expect(result(report, "/x")?.warning).toBe(warning);
    expect(report.summary).toContain("1 warning");
  });

  it("takes pages behind a login, an API without pages and an event stream as they are", async () => {
    const { address } = await site({
      "/": `<a href="/private">x</a><a href="/events">x</a>`,
      "/private": status(401),
      "/events": (_request, response) =>
        void response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n"),
    });
    const report = await run(address);
    expect(report.checked.map((one) => one.problem ?? one.warning)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(await run((await site({})).address)).toMatchObject({ ok: true });
  });

  it("follows a redirect to another name of the same machine", async () => {
    const { address, seen } = await site({
      "/": (request, response) => {
        const port = request.headers.host?.split(":")[1] ?? "";
        response.writeHead(307, { location: `http://localhost:${port}/en` }).end();
      },
      "/en": `<a href="/x">`,
      "/x": status(500),
    });
    expect(await run(address)).toMatchObject({ ok: false });
    expect(seen).toContain("GET /en");
  });

  it("is bounded in pages, in depth, and in queries of one path", async () => {
    const seen: string[] = [];
    const address = await serve((request, response) => {
      seen.push(request.url ?? "");
      const number = Number(/\d+/.exec(request.url ?? "")?.[0] ?? "0") + 1;
      const next = String(number);
      const links = `<a href="/p${next}">x</a><a href="/day?d=${next}">x</a>`;
      response.writeHead(200, { "content-type": "text/html" }).end(links);
    });
    await run(address, { crawlPages: 100 });
    expect(seen.filter((path) => path.startsWith("/p"))).toEqual(["/p1", "/p2", "/p3"]);
    expect(seen.filter((path) => path.startsWith("/day"))).toHaveLength(3);
    seen.length = 0;
    await run(address, { crawlPages: 2 });
    expect(seen).toHaveLength(3);
  });

  it("ends in time and says what it left out", async () => {
    const links = Array.from({ length: 30 }, (_value, index) => `<a href="/p${String(index)}">x</a>`).join(
      "",
    );
    const address = await serve((request, response) => {
      const delayMs = request.url?.startsWith("/p") === true ? 90 : 0;
      setTimeout(() => response.writeHead(200, { "content-type": "text/html" }).end(links), delayMs);
    });
    const report = await run(address, { timeoutMs: 1000, crawlPages: 500 });
    expect(report.ok).toBe(true);
    const hurried = await run(address, { timeoutMs: 100, crawlPages: 500 });
    expect(hurried.summary).toMatch(/\d+ more not visited, the time was up$/);
  });

  it("says who it is", async () => {
    let agent: string | undefined;
    const address = await serve((request, response) => {
      agent = request.headers["user-agent"];
      response.end();
    });
    await run(address);
    expect(agent).toBe("fairlead-smoke");
  });
});

describe("smoke by checks", () => {
  it("crawls nothing then", async () => {
    const { address, seen } = await site({ "/": `<a href="/a">`, "/b": "welcome" });
    const report = await run(address, { checks: [check({ path: "/b", contains: "welcome" })] });
    expect(report).toMatchObject({ ok: true, summary: expect.stringMatching(/^2 answered/) });
    expect(seen).toEqual(["GET /health", "GET /b"]);
  });

  it.each([
    [{ path: "/b", status: 201 }, "status 200 instead of 201"],
    [{ path: "/b", contains: "goodbye" }, 'the answer does not contain "goodbye"'],
    [{ path: "/gone" }, "status 404 instead of 200"],
    [{ path: "/moved" }, undefined],
    [{ path: "/moved", status: 302 }, undefined],
    [{ path: "/slow" }, "no complete answer within 300 ms"],
  ])("%o: %s", async (parts, problem) => {
    const { address } = await site({
      "/b": "welcome",
      "/moved": status(302, { location: "/b" }),
      "/slow": (_request, response) => void response.writeHead(200).write("…"),
    });
    const report = await run(address, { checks: [check(parts)], timeoutMs: 300 });
    expect(result(report, parts.path)?.problem).toBe(problem);
    expect(report.ok).toBe(problem === undefined);
  });

  it("sends the method", async () => {
    const { address, seen } = await site({ "/b": "x" });
    const report = await run(address, { checks: [check({ path: "/b", method: "POST" })] });
    expect(report.ok).toBe(true);
    expect(seen).toContain("POST /b");
    expect(report.checked[1]?.path).toBe("POST /b");
  });
});

describe("smoke of the health path", () => {
  it("fails when it is unhealthy, and still shows the rest", async () => {
    const report = await run((await site({ "/health": status(503), "/": "home" })).address);
    expect(report).toMatchObject({ ok: false });
    expect(report.checked).toHaveLength(2);
    expect(report.summary).toBe("1 of 2 failed: /health (unhealthy: status 503)");
  });

  it("waits for a server that comes up within the first second, and not for one that does not", async () => {
    const address = await serve((_request, response) => response.end("ok"));
    ends.pop()?.();
    const late = new Promise((resolve) => setTimeout(resolve, 150)).then(() =>
      serve((_request, response) => response.end("ok"), Number(new URL(address).port)),
    );
    expect(await run(address)).toMatchObject({ ok: true });
    await late;
    for (const end of ends.splice(0)) end();
    const report = await run(address);
    expect(report.summary).toBe("1 of 1 failed: /health (unhealthy: connection refused)");
  });

  it("is cancelled by Ctrl-C", async () => {
    const controller = new AbortController();
    const address = await serve(() => {
      controller.abort();
    });
    const context = testContext({ signal: controller.signal });
    const options = { address, healthPath: "/", checks: [], crawlPages: 1, timeoutMs: 5000 };
    await expect(smoke(context, options)).rejects.toMatchObject({ code: "cancelled" });
  });
});
