import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { failuresOf, type Probe, startProbe } from "../system/probe.ts";
import { createProject, type Project } from "../system/project.ts";
import { deployWithFault, journalledPoints, observe, prepareChange } from "./scenario.ts";

const minuteMs = 60_000;
const randomKills = Number(process.env["RANDOM_KILLS"] ?? 5);
const longestDelayMs = { "migrate:intent": 900, "switch:intent": 60 };
const randomPoints = Object.entries(longestDelayMs).flatMap(([point, longestMs]) =>
  Array.from({ length: randomKills }, () => `${point}+${String(1 + Math.floor(Math.random() * longestMs))}`),
);

let project: Project;
let probe: Probe;
let revision = 1;
const table: string[] = [];

beforeAll(async () => {
  project = await createProject({ watch: "{ seconds: 1 }" });
  const first = await project.cli("deploy", "production", "--yes");
  expect(first.error).toBeUndefined();
  probe = await startProbe(project.address, 40);
}, 2 * minuteMs);
afterAll(() => project.remove(), minuteMs);

describe("a deployer that is killed", () => {
  for (const point of [...journalledPoints, "lease:released", ...randomPoints]) {
    it(`at ${point} leaves before or after`, { timeout: 2 * minuteMs }, async () => {
      const before = await observe(project);
      revision += 1;
      const migration = await prepareChange(project, revision, before.applied);
      const code = await deployWithFault(project, "kill", point);
      const { status, applied } = await observe(project);
      const isAfter = status.view.active !== before.status.view.active;
      const outcome = `${isAfter ? "after " : "before"}  ${status.recovery?.state ?? ""}`;
      table.push(`${point.padEnd(22)} ${code === null ? "killed" : "ended "}  ${outcome}`);
      expect(status).not.toHaveProperty("attention");
      expect(status).not.toHaveProperty("problem");
      expect(applied.includes(migration)).toBe(isAfter);
      const running = status.view.deployments.filter(
        ({ state }) => state !== "stopped" && state !== "failed",
      );
      const active = running.filter(({ state }) => state === "active").map(({ id }) => id);
      expect(active).toEqual([status.view.active]);
      expect(running.length).toBeLessThanOrEqual(2);
      const again = await observe(project);
      expect(again.status.recovery).toEqual({ state: "clean" });
      if (!point.includes("+")) expect(code).toBeNull();
    });
  }

  it("hinders no later deploy and has dropped no request", { timeout: 2 * minuteMs }, async () => {
    revision += 1;
    await prepareChange(project, revision);
    const result = await project.cli("deploy", "production", "--yes");
    expect(result.error).toBeUndefined();
    const probed = await probe.stop();
    const failures = failuresOf(probed);
    console.log(`${table.join("\n")}\nrequests ${String(probed.sent)}, failed ${JSON.stringify(failures)}`);
    expect(failures).toEqual({});
  });
});
