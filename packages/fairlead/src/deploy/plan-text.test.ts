import { describe, expect, it } from "vitest";

import { renderPlan, renderReport } from "./plan-text.ts";
import type { DeployReport, Plan } from "./plan.ts";

const plan: Plan = {
  id: "p-1",
  kind: "deploy",
  application: "shop",
  environment: "production",
  createdAt: "2026-11-22T20:00:00.000Z",
  deploymentId: "d-2",
  from: {
    id: "r-1",
    deploymentId: "d-1",
    version: "1.0.0",
    sha: "a".repeat(40),
    dirty: false,
    inputDigest: "x",
  },
  to: { version: "1.1.0", sha: "b".repeat(40), dirty: true, inputDigest: "y" },
  commits: { total: 12, newest: [{ sha: "b".repeat(40), subject: "feat: a cart" }] },
  migrations: {
    pending: ["002_cart"],
    applied: 1,
    unknown: ["000_gone"],
    source: { tool: "node-pg-migrate", directory: "migrations" },
  },
  variables: { added: ["NEW"], removed: ["OLD"], changed: ["TOKEN"] },
  variableFingerprints: {},
  healthPath: "/health",
  rollback: { code: "instant", schema: "irreversible", reason: "002_cart has no way down" },
  needsApproval: true,
  nothingToDo: false,
  blockers: [{ where: "port 3000", message: "is taken by nginx (pid 7)", remedy: "stop it" }],
  warnings: [],
  digest: "d",
};

describe("renderPlan", () => {
  it("says all that would change and what going back would mean", () => {
    expect(renderPlan(plan)).toEqual([
      "Deploy to production",
      "  release     1.0.0 (aaaaaaa) → 1.1.0 (bbbbbbb, uncommitted changes, to be built)",
      "  commits     12",
      "              bbbbbbb feat: a cart",
      "              … and 11 more",
      "  migrations  1 to run with node-pg-migrate (1 applied)",
      "              + 002_cart",
      "              ? 000_gone (in the database, not among the files)",
      "  variables   +NEW -OLD ~TOKEN",
      "  rollback    code: at once; schema: NO WAY BACK",
      "              002_cart has no way down",
      "  approval    needed before anything is changed",
      "  BLOCKED     port 3000: is taken by nginx (pid 7) (stop it)",
    ]);
  });

  it("says when there is nothing to do", () => {
    const same: Plan = { ...plan, nothingToDo: true, blockers: [] };
    expect(renderPlan(same).at(-1)).toContain("nothing to do");
  });
});

describe("renderReport", () => {
  const report: DeployReport = {
    planId: "p-1",
    environment: "production",
    kind: "deploy",
    outcome: "after",
    release: "1.1.0-bbbbbbb-12345678",
    deploymentId: "d-2",
    address: "http://localhost:3000",
    migrations: [],
    steps: [],
    durationMs: 12_340,
  };

  it("names the release, the address and the time", () => {
    const line = "production runs 1.1.0-bbbbbbb-12345678 at http://localhost:3000 (12.3 s)";
    expect(renderReport(report)).toEqual([line]);
  });

  it("names the problem and the state that a failed deploy has left", () => {
    const problem = { code: "smoke-failed", message: "it did not pass", details: ["/cart: status 500"] };
    expect(renderReport({ ...report, outcome: "before", problem })).toEqual([
      "it did not pass",
      "  /cart: status 500",
      "production is as it was before (12.3 s)",
    ]);
    expect(renderReport({ ...report, outcome: "attention", problem }).at(-1)).toContain("NEEDS ATTENTION");
  });
});
