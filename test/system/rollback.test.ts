import { afterAll, beforeAll, expect, it } from "vitest";

import { observe, prepareChange } from "../faults/scenario.ts";
import { createProject, type Project } from "./project.ts";

const minuteMs = 60_000;
let project: Project;

beforeAll(async () => {
  project = await createProject({ watch: "{ seconds: 0 }" });
  await project.cli("deploy", "production", "--yes");
}, 2 * minuteMs);
afterAll(() => project.remove(), minuteMs);

it("goes back at once, keeps the schema and can undo it on request", { timeout: 2 * minuteMs }, async () => {
  const migration = await prepareChange(project, 2);
  expect((await project.cli("deploy", "production", "--yes")).error).toBeUndefined();
  expect(await project.revision()).toBe(2);

  const startedAt = performance.now();
  const rolling = project.cli("rollback", "production");
  while ((await project.revision()) !== 1 && performance.now() - startedAt < 20_000) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const firstAnswerMs = performance.now() - startedAt;
  const back = await rolling;
  console.log(`from \`rollback\` to the first answer of the old release: ${firstAnswerMs.toFixed(0)} ms`);
  expect(back.error).toBeUndefined();
  expect(await project.revision()).toBe(1);
  expect((await observe(project)).applied).toContain(migration);

  expect((await project.cli("rollback", "production")).error).toBeUndefined();
  expect(await project.revision()).toBe(2);
  const refused = await project.cli("rollback", "production", "--with-schema");
  expect(refused.error?.code).toBe("consent-needed");
  const whole = await project.cli("rollback", "production", "--with-schema", "--yes");
  expect(whole.error).toBeUndefined();
  expect(await project.revision()).toBe(1);
  expect((await observe(project)).applied).not.toContain(migration);
});

it(
  "works while the database does not answer, and is journalled when it does again",
  { timeout: 2 * minuteMs },
  async () => {
    await project.change({ revision: 3 });
    expect((await project.cli("deploy", "production", "--yes")).error).toBeUndefined();
    await project.breakDatabase();
    const back = await project.cli("rollback", "production");
    expect(back.error).toBeUndefined();
    expect(back.data).toMatchObject({ offline: true });
    await project.mendDatabase();
    await project.cli("status", "production");
    const rows = await project.sql(
      "select detail from fairlead.journal where step = 'switch' and detail ? 'offlineSince'",
    );
    expect(rows).toHaveLength(1);
  },
);

it("names what there is when the wanted deployment does not exist", async () => {
  const result = await project.cli("rollback", "production", "--to", "d-nothing");
  expect(result.code).toBe(2);
  expect(result.error?.details.length).toBeGreaterThan(0);
});
