import { createHmac, randomBytes } from "node:crypto";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";

import type { ResolvedConfig } from "../config/index.ts";
import {
  environmentSlug,
  type Problem,
  readText,
  Secret,
  stateDirectory,
  writeAtomically,
} from "../kernel/index.ts";

/** The variables of an environment: plain texts from the config, secrets from the environment's secrets file. */
export interface ResolvedVariables {
  values: Record<string, string | Secret>;
  /** Variables without a value, each with the remedy. */
  problems: Problem[];
  /** Names of secrets that were made now, as they had no value yet. */
  generated: string[];
}

/** Path of an environment's secrets on the local platform: `NAME=value` lines, mode 0600, never in a release. */
export function secretsPath(root: string, environment: string): string {
  return join(stateDirectory(root), "secrets", `${environmentSlug(environment)}.env`);
}

/**
 * Gives every declared variable its value in one environment. A value comes from, first wins: the secrets file,
 * `environments.<name>.variables`, the variable's default. Secrets with `generate` get 32 random bytes (hex), once;
 * with `generate: false` they stay without a value and nothing is written.
 */
export async function resolveVariables(
  root: string,
  config: ResolvedConfig,
  environment: string,
  options: { generate: boolean } = { generate: true },
): Promise<ResolvedVariables> {
  const path = secretsPath(root, environment);
  const stored = parseEnv((await readText(path)) ?? "");
  const own = config.environments[environment]?.variables ?? {};
  const result: ResolvedVariables = { values: {}, problems: [], generated: [] };
  const made: Record<string, string> = {};

  for (const [name, declared] of Object.entries(config.variables)) {
    const variable =
      typeof declared === "string"
        ? { default: declared, secret: false, required: true, generate: false }
        : declared;
    let value = stored[name] ?? own[name] ?? variable.default;
    if (value === undefined && variable.generate) {
      if (!options.generate) continue;
      value = randomBytes(32).toString("hex");
      made[name] = value;
    }
    if (value !== undefined) result.values[name] = variable.secret ? new Secret(value) : value;
    else if (variable.required) result.problems.push(missing(name, environment, variable.secret, path));
  }
  for (const [name, value] of Object.entries(own)) {
    result.values[name] ??= value;
  }
  if (Object.keys(made).length > 0) {
    await appendSecrets(path, made);
    result.generated.push(...Object.keys(made));
  }
  return result;
}

function missing(name: string, environment: string, secret: boolean, path: string): Problem {
  const place = secret
    ? `add the line ${name}=… to ${path}`
    : `set environments.${environment}.variables.${name} in fairlead.config.ts`;
  return { where: `${environment}: ${name}`, message: "has no value", remedy: place };
}

async function appendSecrets(path: string, made: Record<string, string>): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
  const existing = (await readText(path)) ?? "";
  const lines = Object.entries(made).map(([name, value]) => `${name}=${value}\n`);
  const separator = existing === "" || existing.endsWith("\n") ? "" : "\n";
  await writeAtomically(path, existing + separator + lines.join(""), { mode: 0o600 });
  await chmod(path, 0o600);
}

/**
 * A short keyed digest (HMAC-SHA-256, first 12 hex digits) of each value, so that plans can tell which changed without
 * knowing any; the key stays on this machine.
 */
export async function fingerprintVariables(
  root: string,
  values: Record<string, string | Secret>,
): Promise<Record<string, string>> {
  const key = await fingerprintKey(root);
  const entries = Object.entries(values).map(([name, value]) => {
    const text = value instanceof Secret ? value.reveal() : value;
    return [name, createHmac("sha256", key).update(`${name}=${text}`).digest("hex").slice(0, 12)];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

async function fingerprintKey(root: string): Promise<string> {
  const path = join(stateDirectory(root), "secrets", "fingerprint-key");
  const existing = await readText(path);
  if (existing !== undefined && existing !== "") return existing;
  const key = randomBytes(32).toString("hex");
  await writeAtomically(path, key, { mode: 0o600 });
  return key;
}

/** Names of variables that differ between two fingerprints. */
export interface VariableChanges {
  added: string[];
  removed: string[];
  changed: string[];
}

/** Compares the fingerprints of two deployments' variables; without old ones everything counts as added. */
export function compareVariables(
  old: Record<string, string> | undefined,
  wanted: Record<string, string>,
): VariableChanges {
  const before = old ?? {};
  const names = (record: Record<string, string>) => Object.keys(record).sort();
  return {
    added: names(wanted).filter((name) => !(name in before)),
    removed: names(before).filter((name) => !(name in wanted)),
    changed: names(wanted).filter((name) => name in before && before[name] !== wanted[name]),
  };
}
