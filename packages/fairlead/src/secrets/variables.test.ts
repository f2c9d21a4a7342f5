import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { configSchema, type ResolvedConfig } from "../config/index.ts";
import { reveal, Secret, writeAtomically } from "../kernel/index.ts";
import { compareVariables, fingerprintVariables, resolveVariables, secretsPath } from "./index.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "fairlead-secrets-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

function config(variables: object, own: Record<string, string> = {}): ResolvedConfig {
  const parsed = configSchema.parse({
    application: "shop",
    variables,
    environments: { staging: { port: 3001, variables: own } },
  });
  return parsed as ResolvedConfig;
}

describe("resolveVariables", () => {
  it("takes the secrets file first, then the environment's own value, then the default", async () => {
    await writeAtomically(secretsPath(root, "staging"), 'TOKEN="from file"\n');
    const declared = { TOKEN: { secret: true }, LEVEL: { default: "info" }, REGION: "eu" };
    const { values, problems } = await resolveVariables(
      root,
      config(declared, { LEVEL: "debug" }),
      "staging",
    );
    expect(problems).toEqual([]);
    expect(values["TOKEN"]).toBeInstanceOf(Secret);
    expect(String(values["TOKEN"])).toBe("[redacted]");
    expect(reveal(values["TOKEN"] ?? "")).toBe("from file");
    expect(values).toMatchObject({ LEVEL: "debug", REGION: "eu" });
  });

  it("names every variable without a value, and where to put it", async () => {
    const declared = { API_KEY: { secret: true }, URL: {}, NOTE: { required: false } };
    const { problems } = await resolveVariables(root, config(declared), "staging");
    expect(problems.map((problem) => problem.where)).toEqual(["staging: API_KEY", "staging: URL"]);
    expect(problems[0]?.remedy).toContain(secretsPath(root, "staging"));
    expect(problems[1]?.remedy).toContain("environments.staging.variables.URL");
  });

  it("makes a secret once, keeps it readable by its owner alone and adds to what stands there", async () => {
    await writeAtomically(secretsPath(root, "staging"), "OTHER=1");
    const declared = { SESSION: { secret: true, generate: true } };
    const first = await resolveVariables(root, config(declared), "staging");
    const second = await resolveVariables(root, config(declared), "staging");
    expect(first.generated).toEqual(["SESSION"]);
    expect(second.generated).toEqual([]);
    expect(reveal(first.values["SESSION"] ?? "")).toMatch(/^[0-9a-f]{64}$/);
    expect(reveal(second.values["SESSION"] ?? "")).toBe(reveal(first.values["SESSION"] ?? ""));
    expect((await stat(secretsPath(root, "staging"))).mode & 0o777).toBe(0o600);
    expect(await readFile(secretsPath(root, "staging"), "utf8")).toMatch(/^OTHER=1\nSESSION=[0-9a-f]{64}\n$/);
  });
});

describe("fingerprints", () => {
  it("tell which values differ without holding any", async () => {
    const before = await fingerprintVariables(root, { A: "one", B: new Secret("two-secret"), C: "three" });
    const after = await fingerprintVariables(root, { A: "one", B: new Secret("2-secret"), D: "four" });
    expect(JSON.stringify(before)).not.toContain("two-secret");
    expect(compareVariables(before, after)).toEqual({ added: ["D"], removed: ["C"], changed: ["B"] });
    expect(compareVariables(undefined, after).added).toEqual(["A", "B", "D"]);
  });
});
