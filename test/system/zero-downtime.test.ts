import { afterAll, beforeAll, expect, it } from "vitest";

import { failuresOf, startProbe, tailLatencies } from "./probe.ts";
import { createProject, type Project } from "./project.ts";
import { openStreams } from "./streams.ts";
import { startWriter } from "./writer.ts";

const rounds = Number(process.env["ROUNDS"] ?? 10);
const minuteMs = 60_000;

/** Releases that must never reach the public, or be taken back from it, with the code of the problem they are refused with. */
const badReleases = [
  { behaviour: "exit-at-start", code: "start-failed" },
  { behaviour: "never-healthy", code: "start-failed" },
  { behaviour: "wrong-port", code: "start-failed" },
  { behaviour: "broken-page", code: "smoke-failed" },
  { behaviour: "ill-later", code: "watch-failed" },
];

const brokenMigration = (revision: number) => ({
  [`migrations/18${String(revision).padStart(11, "0")}_broken.sql`]:
    "-- Up Migration\ncreate table half (id int);\n-- Passes on an empty database, fails on real data.\nselect 1 / (id - id) from messages limit 1;\n-- Down Migration\ndrop table half;\n",
});

let project: Project;

beforeAll(async () => {
  project = await createProject({
    environment: "instances: 2",
    healthSeconds: 5,
    watch: "{ seconds: 3, minimumRequests: 20 }",
  });
}, 2 * minuteMs);
afterAll(() => project.remove(), minuteMs);

it(
  `drops no request and no message over ${String(2 * rounds)} deploys, ${String(rounds)} rollbacks and ${String(rounds)} failing deploys`,
  async () => {
    const first = await project.cli("deploy", "production", "--yes");
    expect(first.error).toBeUndefined();
    const probe = await startProbe(project.address, 40);
    const streams = openStreams(`${project.address}/stream`, 50);
    const writer = startWriter(`${project.address}/messages`, 5);
    const switches: number[] = [];
    let revision = 1;

    const ship = async (behaviour: string, files: Record<string, string> = {}) => {
      revision += 1;
      await project.change({ behaviour, revision, files });
      return project.cli("deploy", "production", "--yes");
    };
    for (let round = 0; round < rounds; round += 1) {
      for (let deploy = 0; deploy < 2; deploy += 1) {
        const result = await ship("good");
        expect(result.error).toBeUndefined();
        expect(result.code).toBe(0);
        switches.push(Date.now());
      }
      const back = await project.cli("rollback", "production");
      expect(back.error).toBeUndefined();
      switches.push(Date.now());
      const migrationFails = round % 6 === 5;
      const bad = badReleases[round % 6];
      const files = migrationFails ? brokenMigration(revision) : {};
      const refused = await ship(bad?.behaviour ?? "good", files);
      expect(refused.error?.code).toBe(bad?.code ?? "migration-failed");
      expect(refused.code).toBe(1);
      if (migrationFails) await project.git("rm", "-q", ...Object.keys(files));
    }

    const messages = await writer.stop();
    const everyStreamSawTheLast = await streams.waitFor(messages.last, 15_000);
    const seen = streams.stop();
    const result = await probe.stop();
    const tail = tailLatencies(result, switches);
    console.log(
      [
        `requests ${String(result.sent)}, failed ${JSON.stringify(failuresOf(result))}`,
        `p99 near a switch ${tail.near.toFixed(1)} ms (${String(tail.samplesNear)} requests), steady ${tail.steady.toFixed(1)} ms`,
        `messages ${String(messages.last)}, failed posts ${String(messages.failed)}; 50 streams received ` +
          `${String(seen.received)}, lost ${String(seen.lost)}, doubled ${String(seen.doubled)}, reconnects ${String(seen.reconnects)}`,
      ].join("\n"),
    );
    expect(failuresOf(result)).toEqual({});
    expect(messages.failed).toBe(0);
    expect(everyStreamSawTheLast).toBe(true);
    expect(seen).toMatchObject({ lost: 0, doubled: 0 });
  },
  20 * minuteMs,
);
