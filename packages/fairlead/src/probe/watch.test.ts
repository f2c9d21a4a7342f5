import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { testContext } from "../kernel/index.ts";
import type { Counts, DeploymentView, EnvironmentView } from "../platforms/index.ts";
import { watch, type WatchOptions, type WatchReport } from "./watch.ts";

const settings = { minimumRequests: 30, errorRateRise: 0.02, p95Ratio: 2, p95SlackMs: 200 };
let server: Server;
let address: string;
let healthStatus: number;

beforeEach(async () => {
  healthStatus = 200;
  server = createServer((_request, response) => response.writeHead(healthStatus).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

function counts(requests: number, errors = 0): Counts {
  const latency = { boundsMs: [50, 1000], counts: [requests, 0, 0] };
  return { requests, errors, aborted: 0, inFlight: 0, connections: 0, latency };
}

function deployment(id: string, parts: Partial<DeploymentView>): DeploymentView {
  const release = { id: "r", version: "1.0.0" };
  const startedAt = "2026-01-01T00:00:00.000Z";
  return { id, release, state: "active", startedAt, instances: [], restarts: 0, mode: "direct", ...parts };
}

function environment(current: Partial<DeploymentView>, active = "new"): EnvironmentView {
  const old = deployment("old", { state: "ready", counts: counts(1000) });
  return { address: "http://localhost", active, deployments: [deployment("new", current), old], notes: [] };
}

/** Watches with a platform that shows the views in turn, the last one for ever. */
async function run(
  views: (EnvironmentView | Error)[],
  parts: Partial<WatchOptions> = {},
): Promise<WatchReport & { progress: string[] }> {
  const progress: string[] = [];
  let looks = 0;
  const report = await watch(testContext(), {
    observe: () => {
      const view = views[Math.min(looks, views.length - 1)];
      looks += 1;
      return view instanceof Error || view === undefined
        ? Promise.reject(view ?? new Error())
        : Promise.resolve(view);
    },
    deploymentId: "new",
    previous: "old",
    healthAddress: address,
    healthPath: "/health",
    settings,
    seconds: 0.6,
    signal: new AbortController().signal,
    onProgress: (text) => progress.push(text),
    ...parts,
  });
  return { ...report, progress };
}

describe("watch", () => {
  it("finds a release healthy after the whole window", async () => {
    const report = await run([environment({ counts: counts(10) }), environment({ counts: counts(60) })]);
    expect(report).toMatchObject({ ok: true, ended: "window", verdict: { state: "healthy" } });
    expect(report.verdict.facts).toMatchObject({ requests: 50, oldRequests: 1000 });
    expect(report.progress.at(-1)).toMatch(/left, 50 requests, 0 errors/);
  });

  it("leaves a release without traffic alone", async () => {
    const report = await run([environment({ counts: counts(0) })]);
    expect(report).toMatchObject({ ok: true, ended: "window", verdict: { state: "undecided" } });
  });

  it("counts from the switch when it knows the state before it", async () => {
    const before = environment({ state: "ready", counts: counts(12, 6) }, "old");
    const report = await run([environment({ counts: counts(112, 56) })], { before });
    expect(report).toMatchObject({ ok: false, ended: "bad" });
    expect(report.verdict.facts).toMatchObject({ requests: 100, errors: 50 });
  });

  it("ends at once when a process crashed", async () => {
    const report = await run([environment({}), environment({ restarts: 1 })], { seconds: 60 });
    expect(report).toMatchObject({ ok: false, ended: "bad", looks: 2 });
    expect(report.summary).toMatch(/^bad after .*started again once/);
  });

  it("ends when the deployment failed, with the reason", async () => {
    const failure = { reason: "exit code 7", lastLines: [] };
    const report = await run([environment({ state: "failed", failure })], { seconds: 60 });
    expect(report.verdict.reasons).toEqual(["the deployment failed: exit code 7"]);
  });

  it("ends after three failed health probes, also where they begin late", async () => {
    healthStatus = 500;
    const report = await run([environment({})], { seconds: 0.1 });
    expect(report).toMatchObject({ ok: false, ended: "bad", looks: 3 });
  });

  it("goes by health alone while the platform cannot be observed", async () => {
    const report = await run([new Error("host away")]);
    expect(report).toMatchObject({ ok: true, ended: "window", verdict: { state: "undecided" } });
    expect(report.summary).toContain("could not be observed: host away");
    server.close();
    expect(await run([new Error("host away")])).toMatchObject({ ok: false, ended: "bad" });
  });

  it("stops when another deployment took over", async () => {
    const report = await run([environment({}), environment({}, "newer")], { seconds: 60 });
    expect(report).toMatchObject({ ok: true, ended: "superseded" });
  });

  it("watches nothing in no time", async () => {
    expect(await run([environment({})], { seconds: 0 })).toMatchObject({ ok: true, looks: 0 });
  });

  it("can be cancelled", async () => {
    const controller = new AbortController();
    const running = run([environment({})], { seconds: 60, signal: controller.signal });
    setTimeout(() => {
      controller.abort();
    }, 50);
    await expect(running).rejects.toMatchObject({ code: "cancelled" });
  });
});
