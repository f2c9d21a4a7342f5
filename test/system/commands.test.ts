import { once } from "node:events";

import { afterAll, beforeAll, expect, it } from "vitest";

import { createProject, type Project } from "./project.ts";

const minuteMs = 60_000;
let project: Project;

beforeAll(async () => {
  project = await createProject({ environment: "approval: true", watch: "{ seconds: 0 }" });
}, minuteMs);
afterAll(() => project.remove(), minuteMs);

it(
  "a deploy waits for its approval, changes nothing meanwhile, and goes on with it",
  { timeout: 2 * minuteMs },
  async () => {
    const early = await project.cli("approve", "production", "--yes");
    expect(early.error?.code).toBe("nothing-waits");
    const deploy = project.start("deploy", "production", "--yes");
    let text = "";
    deploy.stderr?.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    const ended = once(deploy, "exit");
    await expect.poll(() => text, { timeout: 30_000 }).toContain("fairlead approve production");
    expect(text).not.toContain("Migrate the database");
    const approved = await project.cli("approve", "--yes");
    expect(approved.error).toBeUndefined();
    expect(approved.data).toMatchObject({ environment: "production" });
    const [code] = (await ended) as [number];
    expect(code, text).toBe(0);
    expect(await project.revision()).toBe(1);
  },
);

it(
  "an approval holds for the plan it was given to, and for one change",
  { timeout: 2 * minuteMs },
  async () => {
    const rows = await project.sql("select used_by from fairlead.approvals");
    expect(rows).toHaveLength(1);
    expect(rows[0]?.["used_by"]).toMatch(/^p-/);
  },
);

it(
  "the database is looked at, and neither seeded nor reset where that is production",
  { timeout: minuteMs },
  async () => {
    const status = await project.cli("db", "status", "production");
    expect(status.data).toMatchObject({
      migrations: { applied: [{ name: "1700000000001_messages" }], pending: [] },
    });
    const migrated = await project.cli("db", "migrate", "production", "--yes");
    expect(migrated.data).toEqual({ environment: "production", applied: [] });
    for (const verb of ["seed", "reset"]) {
      const refused = await project.cli("db", verb, "production", "--yes");
      expect(refused.error?.code).toBe("production-refused");
      expect(refused.code).toBe(2);
    }
  },
);

it(
  "another environment's database is seeded and reset, after consent",
  { timeout: 2 * minuteMs },
  async () => {
    const config = await project.readConfig();
    await project.writeConfig(config.replace("environments: {", "environments: { qa: { port: 3987 },"));
    const first = await project.cli("db", "reset", "qa", "--yes");
    expect(first.error).toBeUndefined();
    expect(first.data).toMatchObject({ applied: ["1700000000001_messages"], seeded: true });
    const asked = await project.cli("db", "reset", "qa");
    expect(asked.error?.code).toBe("consent-needed");
    const again = await project.cli("db", "reset", "qa", "--yes");
    expect(again.data).toMatchObject({ applied: ["1700000000001_messages"], seeded: true });
    const { copy } = again.data as { copy: string };
    expect(copy).toMatch(/^mark-reset-/);
    await project.cli("down");
    await project.writeConfig(config);
  },
);

it(
  "logs show what a deployment said, and status leaves stopped what was stopped",
  { timeout: minuteMs },
  async () => {
    const logs = await project.cli("logs", "production", "--tail", "50");
    expect(JSON.stringify(logs.data)).toContain("board revision 1 listens");
    await project.cli("status");
    const after = await project.cli("status");
    expect(JSON.stringify(after.data)).toContain('"running":false');
    await expect(fetch(`${project.address}/health`)).rejects.toThrow();
  },
);

it("up brings back what ran, and Ctrl-C stops all of it", { timeout: minuteMs }, async () => {
  const up = project.start("up");
  let text = "";
  up.stderr?.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  await expect.poll(() => text, { timeout: 20_000 }).toContain("Ctrl-C stops everything");
  expect((await fetch(`${project.address}/health`)).status).toBe(200);
  const ended = once(up, "exit");
  up.kill("SIGINT");
  const [code] = (await ended) as [number];
  expect(code).toBe(0);
  await expect(fetch(`${project.address}/health`)).rejects.toThrow();
});
