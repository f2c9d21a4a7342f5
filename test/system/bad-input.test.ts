import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { observe } from "../faults/scenario.ts";
import { createProject, type Project } from "./project.ts";

const minuteMs = 60_000;
let project: Project;
let revision = 1;

beforeAll(async () => {
  project = await createProject({ healthSeconds: 4 });
  const first = await project.cli("deploy", "production", "--yes");
  expect(first.error).toBeUndefined();
}, 2 * minuteMs);
afterAll(() => project.remove(), minuteMs);
beforeEach(() => {
  revision += 1;
});

async function activeRelease(): Promise<string | undefined> {
  const { status } = await observe(project);
  expect(status.attention).toBeUndefined();
  return status.view.active;
}

describe("a release that is no good", () => {
  it("does not build: shows the last lines, changes nothing", { timeout: minuteMs }, async () => {
    const before = await activeRelease();
    const config = await project.readConfig();
    const script = "console.log('compiling'); console.error('type error in page.ts:7'); process.exit(3)";
    await project.writeConfig(
      config.replace(
        "application:",
        `build: { command: ["node", "-e", ${JSON.stringify(script)}] },\n  application:`,
      ),
    );
    const result = await project.cli("deploy", "production", "--yes");
    await project.writeConfig(config);
    expect(result.error).toMatchObject({ code: "build-failed" });
    expect(result.error?.details.join("\n")).toContain("type error in page.ts:7");
    expect(result.code).toBe(1);
    expect(await activeRelease()).toBe(before);
  });

  it(
    "has a migration that fails half-way: rolled back, old release untouched, remedy named",
    { timeout: minuteMs },
    async () => {
      const before = await activeRelease();
      const path = `migrations/18${String(revision).padStart(11, "0")}_half.sql`;
      const sql =
        "-- Up Migration\ncreate table half (id int);\nselect no_such_function();\n-- Down Migration\ndrop table half;\n";
      await project.change({ revision, files: { [path]: sql } });
      const result = await project.cli("deploy", "production", "--yes", "--accept-irreversible");
      await rm(join(project.root, path));
      await project.git("commit", "-qam", "fix: remove it");
      expect(result.error?.code).toBe("migration-failed");
      expect(JSON.stringify(result.error)).toContain("no_such_function");
      const { applied } = await observe(project);
      expect(applied.some((name) => name.includes("half"))).toBe(false);
      expect(await activeRelease()).toBe(before);
    },
  );

  it(
    "never becomes healthy: says why, with the last probe and the last lines",
    { timeout: minuteMs },
    async () => {
      const before = await activeRelease();
      await project.change({ behaviour: "never-healthy", revision });
      const result = await project.cli("deploy", "production", "--yes");
      expect(result.error?.code).toBe("start-failed");
      const text = JSON.stringify(result.error);
      expect(text).toContain("503");
      expect(text).toContain(`board revision ${String(revision)} listens`);
      expect(await activeRelease()).toBe(before);
    },
  );

  it("exits at its start: said at once, with its last lines", { timeout: minuteMs }, async () => {
    await project.change({ behaviour: "exit-at-start", revision });
    const result = await project.cli("deploy", "production", "--yes");
    expect(result.error?.code).toBe("start-failed");
    expect(JSON.stringify(result.error)).toContain("refusing to start");
  });

  for (const behaviour of ["exit-later", "errors", "slow"]) {
    it(
      `is found out by the watch and taken back by itself (${behaviour})`,
      { timeout: minuteMs },
      async () => {
        const before = await activeRelease();
        const config = await project.readConfig();
        await project.writeConfig(config.replace(/watch: .*/, "watch: { seconds: 8, minimumRequests: 20 },"));
        await project.git("commit", "-qam", "chore: a longer watch");
        await project.change({ behaviour, revision });
        const load = setInterval(() => void fetch(`${project.address}/work`).catch(() => undefined), 40);
        const result = await project.cli("deploy", "production", "--yes");
        clearInterval(load);
        await project.writeConfig(config);
        await project.git("commit", "-qam", "chore: a short watch");
        expect(result.error?.code).toBe("watch-failed");
        expect(await activeRelease()).toBe(before);
        const answer = (await (await fetch(`${project.address}/work`)).json()) as { revision: number };
        expect(answer.revision).not.toBe(revision);
      },
    );
  }
});

describe("a command that can't be carried out", () => {
  it("names an unknown environment: did you mean", async () => {
    const result = await project.cli("deploy", "prodction", "--yes");
    expect(result.code).toBe(2);
    expect(JSON.stringify(result.error)).toContain("production");
  });

  it("finds five mistakes in the config and reports all five", async () => {
    const config = await project.readConfig();
    await project.writeConfig(`export default {
      application: "Board!",
      helth: { path: "/health" },
      drainSeconds: "long",
      smoke: { checks: [{ path: "health" }] },
      environments: { production: { port: 99999 } },
    };`);
    const result = await project.cli("status");
    await project.writeConfig(config);
    expect(result.code).toBe(2);
    expect(result.error?.code).toBe("config-invalid");
    const details = result.error?.details ?? [];
    expect(details).toHaveLength(5);
    for (const path of [
      "application",
      "helth",
      "drainSeconds",
      "smoke.checks",
      "environments.production.port",
    ]) {
      expect(details.some((line) => line.includes(path))).toBe(true);
    }
  });

  it(
    "comes while another deploy runs: says who and since when, and the first one goes on",
    { timeout: minuteMs },
    async () => {
      await project.change({ revision });
      const first = project.start("deploy", "production", "--yes");
      const ended = once(first, "exit");
      let text = "";
      first.stderr?.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      await expect.poll(() => text, { timeout: 20_000 }).toContain("Start the new deployment");
      const second = await project.cli("deploy", "production", "--yes");
      expect(second.error?.code).toBe("lease-held");
      expect(second.error?.message).toMatch(new RegExp(`pid ${String(first.pid)}.*since \\d{4}-`));
      const [code] = (await ended) as [number];
      expect(code).toBe(0);
    },
  );

  it(
    "meets a database that belongs to another environment, and touches nothing",
    { timeout: minuteMs },
    async () => {
      await project.sql("update fairlead.identity set environment = 'staging'");
      await project.change({ revision });
      const result = await project.cli("deploy", "production", "--yes");
      const seed = await project.cli("db", "migrate", "production", "--yes");
      await project.sql("update fairlead.identity set environment = 'production'");
      expect(result.error?.code).toBe("identity-mismatch");
      expect(result.error?.message).toContain("board/staging");
      expect(seed.error?.code).toBe("identity-mismatch");
    },
  );

  it("asks for consent where nobody can be asked", async () => {
    await project.change({ revision });
    const result = await project.cli("deploy", "production");
    expect(result.error).toMatchObject({ code: "consent-needed" });
    expect(result.error?.hint).toContain("--yes");
    expect(result.code).toBe(2);
  });
});

describe("a repository in an unusual state", () => {
  it(
    "is dirty, has a detached head or no git at all: the plan says so and works",
    { timeout: 2 * minuteMs },
    async () => {
      await writeFile(join(project.root, "note.txt"), "not committed\n");
      const dirty = await project.cli("plan", "production");
      expect(JSON.stringify(dirty.data)).toContain("uncommitted changes: note.txt");
      await rm(join(project.root, "note.txt"));
      await project.git("checkout", "-q", "--detach");
      const detached = await project.cli("plan", "production");
      expect(JSON.stringify(detached.data)).toContain("HEAD is detached");
      await project.git("checkout", "-q", "main");
      await rm(join(project.root, ".git"), { recursive: true });
      await project.writeFile(
        "behaviour.js",
        `export const behaviour = "good";\nexport const revision = 999;\n`,
      );
      const deployed = await project.cli("deploy", "production", "--yes");
      expect(deployed.error).toBeUndefined();
      expect(JSON.stringify(deployed.data)).toContain("nogit");
    },
  );
});

it(
  "finds its port taken: names the port, the program that has it and the remedy",
  { timeout: 2 * minuteMs },
  async () => {
    const other = await createProject();
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(other.port, "127.0.0.1", resolve));
    const result = await other.cli("deploy", "production", "--yes");
    squatter.close();
    await other.remove();
    expect(result.error?.code).toBe("plan-blocked");
    const text = JSON.stringify(result.error);
    expect(text).toContain(String(other.port));
    expect(text).toContain(String(process.pid));
  },
);

it("hears Ctrl-C from a terminal and ends with 130", { timeout: minuteMs }, async () => {
  const other = await createProject({ environment: "approval: true" });
  const deploy = other.start("deploy", "production", "--yes");
  let text = "";
  deploy.stderr?.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  await expect.poll(() => text, { timeout: 20_000 }).toContain("fairlead approve production");
  const ended = once(deploy, "exit");
  deploy.kill("SIGINT");
  const [code] = (await ended) as [number];
  expect(code).toBe(130);
  await other.remove();
});
