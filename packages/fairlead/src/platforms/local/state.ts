import type { ProcessIdentity } from "../../kernel/index.ts";
import { readJson, reveal, Secret, writeAtomically } from "../../kernel/index.ts";
import type { StartCommand } from "../../stack/index.ts";
import type { Counts, ReleaseReference } from "../port.ts";
import { type Layout, variablesFile } from "./layout.ts";

/** An application process as it is written down, so that a successor host can adopt it. */
export interface ProcessRecord extends ProcessIdentity {
  key: string;
  index: number;
}

/** `ready`: wanted and healthy; whether it is active is said by the environment. */
export type RecordedState = "starting" | "ready" | "stopped" | "failed";

export interface DeploymentRecord {
  id: string;
  release: ReleaseReference;
  directory: string;
  start: StartCommand;
  health: { path: string; timeoutMs: number };
  instances: number;
  drainTimeoutMs: number;
  state: RecordedState;
  startedAt: string;
  activatedAt?: string;
  /** When it stopped to accept, in milliseconds since the epoch. */
  releasedAt?: number;
  privateAddress?: string;
  processes: ProcessRecord[];
  /** Restarts after crashes by the index of the instance. */
  restarts: number[];
  /** Counts of processes that are gone. */
  settled: Counts;
  failure?: { reason: string; lastLines: string[] };
}

export interface EnvironmentRecord {
  version: 1;
  /** The highest fencing token seen. */
  token: number;
  active?: string;
  previous?: string;
  /** Set while `down` runs: what still lives then is to be ended, not adopted. */
  isGoingDown: boolean;
  /** Newest first. */
  deployments: DeploymentRecord[];
}

/** What the host is started with. */
export interface HostConfig {
  root: string;
  environment: string;
  port: number;
  host: string;
  nodePath: string;
  /** The variables that every process inherits: PATH, HOME, …; no secrets. */
  baseVariables: Record<string, string>;
  /** Waits between the restarts of a process that crashes, doubled each time. */
  backOff?: { shortestMs: number; longestMs: number };
}

export type StoredVariables = Record<string, { value: string; secret: boolean }>;

/** The written state of an environment; the empty one when there is none. */
export async function readState(layout: Layout): Promise<EnvironmentRecord> {
  const state = await readJson<EnvironmentRecord>(layout.stateFile);
  return state ?? { version: 1, token: 0, isGoingDown: false, deployments: [] };
}

/** Writes the state of an environment; after this a crash does not lose it. */
export async function writeState(layout: Layout, state: EnvironmentRecord): Promise<void> {
  await writeAtomically(layout.stateFile, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
}

/** Keeps the variables of a deployment for restarts of its processes. */
export async function writeVariables(layout: Layout, id: string, variables: StoredVariables): Promise<void> {
  await writeAtomically(variablesFile(layout, id), JSON.stringify(variables), { mode: 0o600 });
}

/** The kept variables of a deployment; none after it was stopped. */
export async function readVariables(layout: Layout, id: string): Promise<StoredVariables> {
  return (await readJson<StoredVariables>(variablesFile(layout, id))) ?? {};
}

/** The plain form of a request's variables, for the control socket and the file. */
export function storeVariables(variables: Record<string, string | Secret>): StoredVariables {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      { value: reveal(value), secret: value instanceof Secret },
    ]),
  );
}

/** The values among the variables that must not be shown. */
export function secretsOf(variables: StoredVariables): string[] {
  return Object.values(variables)
    .filter((variable) => variable.secret)
    .map((variable) => variable.value);
}
