import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { createLocalPostgres, type Database } from "../databases/index.ts";
import { type Clock, identifyProcess, type Secret, systemClock, testContext } from "../kernel/index.ts";
import {
  acquireLease,
  approvePlan,
  currentHolder,
  findApproval,
  insertPlan,
  leaseLifetimeMs,
  listPlans,
  openState,
  readJournal,
  reconcileOffline,
  recordRelease,
  type StateStore,
  thisHolder,
  updatePlan,
  useApproval,
  wasActive,
  writeJournal,
  writeOffline,
} from "./index.ts";

const context = testContext();
const identity = { application: "shop", environment: "staging" };
let root: string;
let database: Database;
let url: Secret;
let state: StateStore;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "fairlead-state-"));
  database = createLocalPostgres({ root, application: "shop" });
  await database.provision(context, "staging");
  url = (await database.connection(context, "staging")).url;
});

afterAll(async () => {
  await database.destroy(context, "staging");
  await rm(root, { recursive: true, force: true });
});

beforeEach(async () => {
  state = await openState(url, identity);
});

afterEach(async () => {
  await state.query("drop schema fairlead cascade");
  await state.close();
});

describe("identity", () => {
  it("refuses a database that belongs to another environment, and says whose it is", async () => {
    const attempt = openState(url, { application: "shop", environment: "production" });
    await expect(attempt).rejects.toMatchObject({
      code: "identity-mismatch",
      message: "the database given for shop/production belongs to shop/staging",
    });
  });

  it("is installed once by two that come at the same moment", async () => {
    await state.query("drop schema fairlead cascade");
    const both = await Promise.all([openState(url, identity), openState(url, identity)]);
    const rows = await state.query("select * from fairlead.identity");
    expect(rows).toHaveLength(1);
    for (const opened of both) await opened.close();
  });
});

describe("lease", () => {
  it("is held by one at a time, and names its holder to the second", async () => {
    const lease = await acquireLease(systemClock, state, "deploy p-1");
    await expect(acquireLease(systemClock, state, "deploy p-2")).rejects.toMatchObject({
      code: "lease-held",
      message: expect.stringContaining(`pid ${String(process.pid)}, deploy p-1`) as string,
    });
    await lease.release();
    expect(await currentHolder(state)).toBeUndefined();
  });

  it("gives out ever larger tokens, and larger ones still after a restore", async () => {
    const first = await acquireLease(systemClock, state, "one");
    await first.release();
    const second = await acquireLease(systemClock, state, "two");
    await second.release();
    expect(second.token).toBeGreaterThan(first.token);
    await state.query("update fairlead.identity set fence = fence + 1000");
    const restored = await openState(url, identity);
    const third = await acquireLease(systemClock, restored, "three");
    expect(third.token).toBeGreaterThan(second.token + 999);
    await third.release();
    await restored.close();
  });

  it("of a dead process of this machine is free at once", async () => {
    const child = spawn("sleep", ["60"]);
    const dead = { ...thisHolder("deploy p-dead"), ...identifyProcess(child.pid ?? 0) };
    await state.query(
      "update fairlead.lease set holder = $1, acquired_at = now(), heartbeat_at = now(), token = 7",
      [JSON.stringify(dead)],
    );
    await expect(acquireLease(systemClock, state, "too early")).rejects.toMatchObject({ code: "lease-held" });
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
    const lease = await acquireLease(systemClock, state, "after it");
    expect(lease.token).toBe(8);
    await lease.release();
  });

  it("of a silent holder on another machine expires after its lifetime", async () => {
    const elsewhere = JSON.stringify({ ...thisHolder("deploy p-far"), host: `not-${hostname()}` });
    const setHeartbeat = (secondsAgo: number) =>
      state.query(
        "update fairlead.lease set holder = $1, acquired_at = now(), heartbeat_at = now() - make_interval(secs => $2)",
        [elsewhere, secondsAgo],
      );
    await setHeartbeat(leaseLifetimeMs / 1000 - 5);
    await expect(acquireLease(systemClock, state, "early")).rejects.toMatchObject({ code: "lease-held" });
    await setHeartbeat(leaseLifetimeMs / 1000 + 1);
    const lease = await acquireLease(systemClock, state, "late");
    await lease.release();
  });

  it("tells its holder when somebody else has taken it", async () => {
    const clock: Clock = { ...systemClock };
    const lease = await acquireLease(clock, state, "deploy p-slow");
    await state.query("update fairlead.lease set token = token + 1");
    await expect.poll(() => lease.lost.aborted, { timeout: 10_000, interval: 100 }).toBe(true);
  });
});

describe("plans", () => {
  const record = (id: string) => ({
    id,
    kind: "deploy",
    digest: `digest-${id}`,
    state: "planned" as const,
    holder: thisHolder("deploy"),
    plan: { to: { version: "1.0.0" } },
  });

  it("are listed newest first and by their state", async () => {
    await insertPlan(state, record("p-1"));
    await insertPlan(state, record("p-2"));
    await updatePlan(state, "p-1", { state: "succeeded", report: { outcome: "after" } });
    const all = await listPlans(state, { limit: 10 });
    expect(all.map((plan) => plan.id)).toEqual(["p-2", "p-1"]);
    const [ended] = await listPlans(state, { states: ["succeeded"], limit: 10 });
    expect(ended).toMatchObject({
      id: "p-1",
      report: { outcome: "after" },
      plan: { to: { version: "1.0.0" } },
    });
    expect(ended?.finishedAt).toMatch(/^\d{4}-/);
  });

  it("are approved by their digest, once", async () => {
    await approvePlan(state, "digest-a", "ada@laptop");
    expect(await findApproval(state, "digest-b")).toBeUndefined();
    expect(await findApproval(state, "digest-a")).toMatchObject({ approvedBy: "ada@laptop" });
    await useApproval(state, "digest-a", "p-9");
    expect(await findApproval(state, "digest-a")).toBeUndefined();
  });

  it("keep a journal, also one that was begun while the database did not answer", async () => {
    await writeJournal(state, { planId: "p-1", token: 3, step: "migrate", phase: "intent" });
    await writeOffline(root, "staging", {
      planId: "p-1",
      step: "switch",
      phase: "done",
      detail: { to: "d-1" },
    });
    expect(await reconcileOffline(root, "staging", state)).toBe(1);
    expect(await reconcileOffline(root, "staging", state)).toBe(0);
    const entries = await readJournal(state, "p-1");
    expect(entries.map(({ step, phase }) => `${step} ${phase}`)).toEqual(["migrate intent", "switch done"]);
    expect(entries[1]?.detail).toMatchObject({ to: "d-1" });
  });

  it("remember which releases were active", async () => {
    expect(await wasActive(state, "r-1")).toBe(false);
    const release = { id: "r-1", version: "1.0.0", digest: "x", deploymentId: "d-1", migrations: [] };
    await recordRelease(state, release);
    await recordRelease(state, { ...release, deploymentId: "d-2" });
    expect(await wasActive(state, "r-1")).toBe(true);
  });
});
