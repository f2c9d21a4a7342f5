import { spawn } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";

import { afterEach, beforeEach, expect, it } from "vitest";

import { createProject, eventually, type Project } from "./test/project.ts";

let project: Project;
beforeEach(async () => {
  project = await createProject();
});
afterEach(async () => {
  await project.dispose();
});

const occupy = (port: number) =>
  new Promise<Server>((resolve) => {
    const server = createServer().listen(port, "127.0.0.1", () => {
      resolve(server);
    });
  });
const pidsOf = async () =>
  (await project.observe()).deployments.flatMap(({ instances }) => instances.map(({ pid }) => pid));

it("names the program that has the port, and the remedy", async () => {
  const server = await occupy(project.port);
  const failure = await project.start("d1", "1").catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "port-in-use", exit: "environment" });
  expect(String(failure)).toContain(`port ${String(project.port)} of production is in use by`);
  expect(String(failure)).toContain(`(pid ${String(process.pid)})`);
  const problems = await project.platform.check(project.context, "production");
  expect(problems[0]?.message).toContain(`pid ${String(process.pid)}`);
  await new Promise((resolve) => server.close(resolve));
  expect((await project.start("d1", "1")).state).toBe("ready");
});

it("refuses an environment that it does not know", async () => {
  await expect(project.platform.observe(project.context, "elsewhere")).rejects.toMatchObject({
    code: "environment-unknown",
  });
});

it("keeps the newest token over the end of the host", async () => {
  await project.start("d1", "1", { token: 7 });
  await project.platform.hosting?.down(project.context, "production");
  await expect(project.start("d2", "2", { token: 6 })).rejects.toMatchObject({ code: "fenced" });
});

it("starts one host, however many ask at the same time", async () => {
  const ups = await Promise.all(
    Array.from({ length: 5 }, async () => project.platform.hosting?.up(project.context, "production")),
  );
  expect(ups.map((view) => view?.address)).toEqual(Array.from({ length: 5 }, () => ups[0]?.address));
  const pid = await project.hostPid();
  await project.start("d1", "1");
  expect(await project.hostPid()).toBe(pid);
});

it("repairs stale files: a socket without a host, a lock of a dead process, broken history", async () => {
  await project.start("d1", "1");
  await project.switchTo("d1");
  for (const pid of [await project.hostPid(), ...(await pidsOf())]) process.kill(pid, "SIGKILL");
  expect(existsSync(project.layout.controlSocket)).toBe(true);
  writeFileSync(project.layout.successorLockFile, "1");
  writeFileSync(project.layout.successorHistoryFile, "{");
  await project.platform.hosting?.up(project.context, "production");
  expect(await project.ask()).toBe("1");
});

it("opens its control socket again when the temporary folder was cleaned", async () => {
  await project.start("d1", "1");
  const pid = await project.hostPid();
  rmSync(project.layout.controlSocket);
  await eventually(
    () => Promise.resolve(existsSync(project.layout.controlSocket)),
    (exists) => exists,
  );
  expect(await project.hostPid()).toBe(pid);
});

it("goes on when both the host and a process are killed at once", async () => {
  await project.start("d1", "1", { instances: 2 });
  await project.switchTo("d1");
  const [host, first] = [await project.hostPid(), (await pidsOf())[0] ?? 0];
  process.kill(first, "SIGKILL");
  process.kill(host, "SIGKILL");
  expect(await project.ask()).toBe("1");
  await eventually(project.observe, ({ deployments }) => {
    const instances = deployments[0]?.instances ?? [];
    return instances.length === 2 && instances.every(({ state, pid }) => state === "active" && pid !== first);
  });
  expect(await project.hostPid()).not.toBe(host);
});

it("finishes a start whose host is killed", async () => {
  await project.start("d1", "1");
  await project.switchTo("d1");
  const health = { path: "/slow?ms=600", timeoutMs: 15_000 };
  const starting = project.start("d2", "2", { health });
  await eventually(project.observe, ({ deployments }) => (deployments[0]?.instances.length ?? 0) > 0);
  process.kill(await project.hostPid(), "SIGKILL");
  expect((await starting).state).toBe("ready");
  await project.switchTo("d2");
  expect(await project.ask()).toBe("2");
});

it("observes from what is written while the host is down, and says whether processes go on", async () => {
  await project.start("d1", "1");
  await project.switchTo("d1");
  await project.platform.hosting?.down(project.context, "production");
  const view = await project.observe();
  expect(view).toMatchObject({ active: "d1", notes: [expect.stringContaining("not running")] });
  expect(view.deployments[0]).toMatchObject({ id: "d1", state: "stopped", instances: [] });
});

it("ends what is left when down finds no host", async () => {
  await project.start("d1", "1");
  const [pid = 0] = await pidsOf();
  // Its process cannot start a successor while it is stopped.
  process.kill(pid, "SIGSTOP");
  process.kill(await project.hostPid(), "SIGKILL");
  await project.platform.hosting?.down(project.context, "production");
  await eventually(
    () => Promise.resolve(isAlive(pid)),
    (alive) => !alive,
  );
});

it("goes down although the host is killed meanwhile, and comes back", async () => {
  await project.start("d1", "1", { drainTimeoutMs: 20_000 });
  await project.switchTo("d1");
  const pids = await pidsOf();
  const slow = project.ask("/slow?ms=1500");
  await eventually(project.observe, ({ deployments }) => deployments[0]?.counts?.inFlight === 1);
  const host = await project.hostPid();
  const goingDown = project.platform.hosting?.down(project.context, "production");
  await new Promise((resolve) => setTimeout(resolve, 200));
  process.kill(host, "SIGKILL");
  await goingDown;
  await slow;
  await eventually(
    () => Promise.resolve(pids.some(isAlive)),
    (alive) => !alive,
  );
  await project.platform.hosting?.up(project.context, "production");
  expect(await project.ask()).toBe("1");
});

it("ends by SIGTERM like by down", async () => {
  await project.start("d1", "1");
  await project.switchTo("d1");
  const [host, pids] = [await project.hostPid(), await pidsOf()];
  process.kill(host, "SIGTERM");
  await eventually(
    () => Promise.resolve([host, ...pids].some(isAlive)),
    (alive) => !alive,
  );
  await project.platform.hosting?.up(project.context, "production");
  expect(await project.ask()).toBe("1");
});

it("does not keep the process that uses it alive", async () => {
  const script = `
    import { createProject } from ${JSON.stringify(new URL("./test/project.ts", import.meta.url).href)};
    const project = await createProject();
    await project.start("d1", "1");
    await project.dispose();
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "ignore" });
  expect(await new Promise((resolve) => child.on("exit", resolve))).toBe(0);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
