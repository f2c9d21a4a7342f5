import { readdir, readFile, readlink } from "node:fs/promises";

import { afterAll, beforeAll, expect, it } from "vitest";

import { failuresOf, startProbe } from "../system/probe.ts";
import { createProject, postmasterPid, type Project } from "../system/project.ts";
import { startWriter } from "../system/writer.ts";
import { observe } from "./scenario.ts";

const minuteMs = 60_000;
const table: string[] = [];
let project: Project;
let control: ReturnType<Project["start"]>;

beforeAll(async () => {
  project = await createProject({ environment: "instances: 2", watch: "{ seconds: 0 }" });
  control = project.start("up");
  expect((await project.cli("deploy", "production", "--yes")).error).toBeUndefined();
}, 2 * minuteMs);
afterAll(async () => {
  control.kill("SIGINT");
  await project.remove();
  console.log(table.join("\n"));
}, minuteMs);

/** Pids of the project's own processes: its folder is in their command line or is where they run; `text` narrows them. */
async function findProcesses(text: string): Promise<number[]> {
  expect(project.root).toMatch(/fairlead-system-/);
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found: number[] = [];
  for (const pid of pids) {
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    const directory = await readlink(`/proc/${pid}/cwd`).catch(() => "");
    const isOwn = line.includes(project.root) || directory.startsWith(project.root);
    if (isOwn && line.includes(text) && Number(pid) !== process.pid) found.push(Number(pid));
  }
  return found;
}

/** Kills a process under load, waits until everything is well again, and says how many requests failed. */
async function killUnderLoad(name: string, pick: () => Promise<number | undefined>): Promise<number> {
  const probe = await startProbe(project.address, 40);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const pid = await pick();
  if (pid === undefined) throw new Error(`there is no ${name} to kill`);
  const killedAt = Date.now();
  process.kill(pid, "SIGKILL");
  await new Promise((resolve) => setTimeout(resolve, 3000));
  await expect.poll(async () => (await observe(project)).status.problem, { timeout: 20_000 }).toBeUndefined();
  const result = await probe.stop();
  const failed = result.samples.filter((sample) => sample.problem !== undefined);
  const last = Math.max(0, ...failed.map((sample) => sample.at - killedAt));
  const slowest = Math.max(...result.samples.map((sample) => sample.durationMs));
  table.push(
    `${name.padEnd(18)} ${String(result.sent).padStart(4)} requests, ${String(failed.length)} failed` +
      ` (the last ${String(last)} ms after the kill), slowest ${slowest.toFixed(0)} ms ${JSON.stringify(failuresOf(result))}`,
  );
  return failed.length;
}

it("the host: no request fails, a successor takes over and deploys", { timeout: 2 * minuteMs }, async () => {
  const find = async () => (await findProcesses("local/host"))[0];
  expect(await killUnderLoad("host", find)).toBe(0);
  await project.change({ revision: 2 });
  expect((await project.cli("deploy", "production", "--yes")).error).toBeUndefined();
  expect((await project.cli("rollback", "production")).error).toBeUndefined();
});

it("one of two workers: at most what it had in its hands fails", { timeout: 2 * minuteMs }, async () => {
  const failed = await killUnderLoad("one worker", async () => {
    const { status } = await observe(project);
    const active = status.view.deployments.find(({ id }) => id === status.view.active);
    return active?.instances[0]?.pid;
  });
  expect(failed).toBeLessThanOrEqual(4);
});

it(
  "the control process: no request fails, and it can be started again",
  { timeout: 2 * minuteMs },
  async () => {
    expect(await killUnderLoad("control process", () => Promise.resolve(control.pid))).toBe(0);
    control = project.start("up");
  },
);

it("the database: comes back by itself", { timeout: 2 * minuteMs }, async () => {
  const writer = startWriter(`${project.address}/messages`, 10);
  await killUnderLoad("database", () => postmasterPid(project.root));
  const { last, failed } = await writer.stop();
  table.push(`                   ${String(last)} messages written meanwhile, ${String(failed)} refused`);
  const answer = await fetch(`${project.address}/messages`, {
    method: "POST",
    body: JSON.stringify({ body: "after the kill", key: "after-the-kill" }),
  });
  expect(answer.status).toBe(200);
});

it("everything at once: comes back with one command", { timeout: 2 * minuteMs }, async () => {
  const pids = await findProcesses("");
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended with one that was killed before it.
    }
  }
  await expect.poll(() => findProcesses(""), { timeout: 10_000 }).toEqual([]);
  const startedAt = Date.now();
  control = project.start("up");
  const answers = async () => (await fetch(`${project.address}/work`).catch(() => undefined))?.status;
  await expect.poll(answers, { timeout: 30_000, interval: 50 }).toBe(200);
  table.push(`everything         answered again ${String(Date.now() - startedAt)} ms after \`fairlead up\``);
});
