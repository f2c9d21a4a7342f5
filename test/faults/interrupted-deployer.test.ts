import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { failuresOf, type Probe, startProbe } from "../system/probe.ts";
import { createProject, type Project } from "../system/project.ts";
import { deployWithFault, journalledPoints, observe, prepareChange } from "./scenario.ts";

const minuteMs = 60_000;
const pastSwitch = ["switch:done", "watch:intent", "watch:done", "settle:intent", "settle:done"];

let project: Project;
let probe: Probe;
let revision = 1;

beforeAll(async () => {
  project = await createProject({ watch: "{ seconds: 1 }" });
  const first = await project.cli("deploy", "production", "--yes");
  expect(first.error).toBeUndefined();
  probe = await startProbe(project.address, 40);
}, 2 * minuteMs);
afterAll(() => project.remove(), minuteMs);

describe("Ctrl-C", () => {
  for (const point of journalledPoints) {
    it(`at ${point} ends in order`, { timeout: 2 * minuteMs }, async () => {
      const before = await observe(project);
      revision += 1;
      const migration = await prepareChange(project, revision, before.applied);
      const code = await deployWithFault(project, "interrupt", point);
      const { status, applied } = await observe(project);
      const isAfter = status.view.active !== before.status.view.active;
      // Nothing is left for `recover`: the interrupted deploy has cleaned up itself.
      expect(status.recovery).toEqual({ state: "clean" });
      expect(status).not.toHaveProperty("attention");
      expect(applied.includes(migration)).toBe(isAfter);
      if (pastSwitch.includes(point)) expect(isAfter).toBe(true);
      expect(code).toBe(isAfter ? 0 : 130);
    });
  }

  it("has dropped no request", async () => {
    const probed = await probe.stop();
    console.log(`requests ${String(probed.sent)}, failed ${JSON.stringify(failuresOf(probed))}`);
    expect(failuresOf(probed)).toEqual({});
  });
});
