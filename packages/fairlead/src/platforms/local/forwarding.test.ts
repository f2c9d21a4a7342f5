import { Agent, request } from "node:http";

import { afterEach, beforeEach, expect, it } from "vitest";

import { startLoad } from "./test/load.ts";
import { createProject, eventually, type Project, type RequestParts } from "./test/project.ts";

let project: Project;
beforeEach(async () => {
  project = await createProject();
});
afterEach(async () => {
  await project.dispose();
});

const python: RequestParts = {
  start: { kind: "command", argv: ["sh", "-c", 'python3 -m http.server --bind 127.0.0.1 "$PORT"; exit 4'] },
  health: { path: "/", timeoutMs: 15_000 },
};
const wrapped: RequestParts = {
  start: { kind: "command", argv: ["sh", "-c", `"${process.execPath}" app.cjs`] },
};

it("runs and switches an application that is not Node.js", async () => {
  const view = await project.start("d1", "1", python);
  expect(view.mode).toBe("forwarded");
  await project.switchTo("d1");
  expect(await project.ask("/app.cjs")).toContain("The application of the tests");
  expect((await project.observe()).notes.join()).toContain("not Node.js");
  await project.start("d2", "2", python);
  await project.switchTo("d2");
  await project.stop("d1");
  expect(await project.ask("/app.cjs")).toContain("The application of the tests");
});

it("restarts the command when it crashes, and leaves no child behind", async () => {
  await project.start("d1", "1", wrapped);
  await project.switchTo("d1");
  const first = JSON.parse((await project.ask("/environment")) ?? "") as { pid: number };
  process.kill(first.pid, "SIGKILL");
  await eventually(project.observe, ({ deployments }) => deployments[0]?.restarts === 1);
  const second = JSON.parse((await project.ask("/environment")) ?? "") as { pid: number };
  expect(second.pid).not.toBe(first.pid);
  await project.start("d2", "2", wrapped);
  await project.switchTo("d2");
  await project.stop("d1");
  expect(() => process.kill(second.pid, 0)).toThrow("ESRCH");
});

it("says that a command cannot be started", async () => {
  const start = { kind: "command" as const, argv: ["no-such-program-anywhere"] };
  const failure = await project.start("bad", "1", { start }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "start-failed" });
  expect(failure).toHaveProperty(
    "details",
    expect.arrayContaining([expect.stringContaining("cannot start no-such-program-anywhere")]),
  );
});

it("drops no request on new connections over switches and a kill of the host", async () => {
  await project.start("d1", "1", wrapped);
  await project.start("d2", "2", wrapped);
  await project.switchTo("d1");
  const load = startLoad(project.origin, 30, { keepAlive: false });
  for (let round = 0; round < 3; round += 1) {
    await project.switchTo("d2");
    await project.switchTo("d1");
  }
  process.kill(await project.hostPid(), "SIGKILL");
  await project.start("d3", "3", wrapped);
  await project.switchTo("d3");
  const report = await load.finish();
  expect(report.failures).toEqual([]);
  expect(report.answered).toBe(report.sent);
});

it("does not cut a request that the application still works on", async () => {
  await project.start("d1", "1", { ...wrapped, drainTimeoutMs: 10_000 });
  await project.start("d2", "2", wrapped);
  await project.switchTo("d1");
  const slow = new Promise<string>((resolve, reject) => {
    const outgoing = request(`${project.origin}/slow?ms=1500`, { agent: new Agent({ keepAlive: true }) });
    outgoing.on("response", (response) => {
      response.setEncoding("utf8").on("data", resolve);
    });
    outgoing.on("error", reject).end();
  });
  await eventually(project.observe, ({ deployments }) =>
    deployments.some(({ counts }) => counts?.connections === 1),
  );
  await project.switchTo("d2");
  expect(await slow).toBe("1");
});
