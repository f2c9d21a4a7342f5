import { afterEach, beforeEach, expect, it } from "vitest";

import { startLoad } from "./test/load.ts";
import { createProject, eventually, type Project } from "./test/project.ts";

let project: Project;
beforeEach(async () => {
  project = await createProject();
});
afterEach(async () => {
  await project.dispose();
});

it("drops no request over many switches to new and to warm deployments", async () => {
  await project.start("d0", "0", { instances: 2 });
  await project.switchTo("d0");
  const load = startLoad(project.origin, 80);
  for (let round = 1; round <= 5; round += 1) {
    const [before, next] = [`d${String(round - 1)}`, `d${String(round)}`];
    await project.start(next, String(round), { instances: 2 });
    await project.switchTo(next);
    await project.switchTo(before);
    await project.switchTo(next);
    await project.stop(before);
  }
  const report = await load.finish();
  expect(report.failures).toEqual([]);
  expect(report.answered).toBe(report.sent);
  expect(report.sent).toBeGreaterThan(100);
  expect([...report.versions.keys()].sort()).toEqual(["0", "1", "2", "3", "4", "5"]);
});

it("goes on without a gap when the host is killed under load, again and again", async () => {
  await project.start("d1", "1");
  await project.switchTo("d1");
  await project.start("d2", "2");
  const load = startLoad(project.origin, 60);
  for (const [round, warm] of ["d2", "d1"].entries()) {
    const killed = await project.hostPid();
    process.kill(killed, "SIGKILL");
    const next = `after-${String(round)}`;
    await project.start(next, next);
    expect(await project.hostPid()).not.toBe(killed);
    await project.switchTo(next);
    expect(await project.ask()).toBe(next);
    await project.switchTo(warm);
    expect(await project.ask()).toBe(warm === "d1" ? "1" : "2");
  }
  const report = await load.finish();
  expect(report.failures).toEqual([]);
  expect(report.answered).toBe(report.sent);
});

it("keeps connections waiting while the only process is killed and restarted", async () => {
  await project.start("d1", "1");
  await project.switchTo("d1");
  const pid = (await project.observe()).deployments[0]?.instances[0]?.pid ?? 0;
  process.kill(pid, "SIGKILL");
  expect(await project.ask()).toBe("1");
  const view = await project.observe();
  expect(view.deployments[0]).toMatchObject({ state: "active", restarts: 1 });
  expect(view.deployments[0]?.instances[0]?.pid).not.toBe(pid);
});

it("replaces warm processes that have used up their copies of the socket", async () => {
  await project.start("d1", "1");
  await project.start("d2", "2");
  const first = (await project.observe()).deployments.flatMap(({ instances }) =>
    instances.map(({ pid }) => pid),
  );
  await project.switchTo("d1");
  const load = startLoad(project.origin, 40);
  for (let round = 0; round < 20; round += 1) {
    await project.switchTo("d2");
    await project.switchTo("d1");
    expect(await project.ask()).toBe("1");
  }
  const report = await load.finish();
  expect(report.failures).toEqual([]);
  const view = await project.observe();
  const last = view.deployments.flatMap(({ instances }) => instances.map(({ pid }) => pid));
  expect(last.some((pid) => first.includes(pid))).toBe(false);
  expect(view.deployments.map(({ restarts }) => restarts)).toEqual([0, 0]);
});

it("comes back with the same deployments after down and up, and after everything was killed", async () => {
  await project.start("d1", "1");
  await project.start("d2", "2");
  await project.switchTo("d1");
  await project.switchTo("d2");
  await project.platform.hosting?.down(project.context, "production");
  expect(await project.ask()).toBeUndefined();
  expect((await project.observe()).notes.join()).toContain("not running");
  const view = await project.platform.hosting?.up(project.context, "production");
  expect(view).toMatchObject({ active: "d2", previous: "d1" });
  expect(await project.ask()).toBe("2");
  await eventually(project.observe, ({ deployments }) =>
    deployments.every(({ state }) => state !== "starting"),
  );
  await project.switchTo("d1");
  expect(await project.ask()).toBe("1");

  const pids = (await project.observe()).deployments.flatMap(({ instances }) =>
    instances.map(({ pid }) => pid),
  );
  for (const pid of [await project.hostPid(), ...pids]) process.kill(pid, "SIGKILL");
  await project.platform.hosting?.up(project.context, "production");
  expect(await project.ask()).toBe("1");
});
