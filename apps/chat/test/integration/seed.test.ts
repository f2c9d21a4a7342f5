import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, expect, inject, test } from "vitest";

import { findAccountByPassword } from "../../src/server/accounts.ts";
import { closeDatabase } from "../../src/server/database.ts";
import { listMessagesBefore } from "../../src/server/messages.ts";
import { listSessions } from "../../src/server/sessions.ts";

const run = promisify(execFile);
const script = join(import.meta.dirname, "../../scripts/seed.ts");

afterAll(closeDatabase);

test("seeding twice leaves what seeding once leaves, and one can log in", async () => {
  const env = { ...process.env, SESSION_SECRET: undefined, DATABASE_URL: inject("databaseUrl") };
  const counts = [];
  for (let count = 0; count < 2; count += 1) {
    await run(process.execPath, [script], { env });
    const mira = await findAccountByPassword("mira@example.com", "quayside demo");
    const sessions = await listSessions(mira?.id ?? "");
    const messages = await Promise.all(sessions.map(({ id }) => listMessagesBefore(id, undefined, 100)));
    counts.push([sessions.length, messages.flat().length]);
  }
  expect(counts).toEqual([
    [3, 7],
    [3, 7],
  ]);
});
