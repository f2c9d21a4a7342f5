import type { Context, Problem, Secret } from "../kernel/index.ts";
import type { StartCommand } from "../stack/index.ts";

/** The release a deployment runs. */
export interface ReleaseReference {
  id: string;
  version: string;
  /** Full git commit; `undefined` outside a repository. */
  sha?: string;
}

/** Of a deployment: it starts, is healthy and dark (also: warm, after it was active), serves the public, drains, ends. */
export type DeploymentState = "starting" | "ready" | "active" | "draining" | "stopped" | "failed";

/**
 * Cumulative counts of a deployment over all its processes, since it started; restarts of a process do not reset them.
 * `latency.counts[i]` is how many answers took at most `latency.boundsMs[i]` (and more than the bound before); one further
 * count holds the slower ones.
 */
export interface Counts {
  requests: number;
  /** Answers with status 5xx. */
  errors: number;
  /** Requests whose connection ended before the answer did. */
  aborted: number;
  inFlight: number;
  connections: number;
  latency: { boundsMs: number[]; counts: number[] };
}

export interface InstanceView {
  pid: number;
  state: "starting" | "ready" | "active" | "draining" | "exited";
  restarts: number;
}

export interface DeploymentView {
  id: string;
  release: ReleaseReference;
  state: DeploymentState;
  /** `http://127.0.0.1:41231`: reaches this deployment alone, whether dark or active. */
  privateAddress?: string;
  /** ISO times. */
  startedAt: string;
  activatedAt?: string;
  instances: InstanceView[];
  /** Process restarts after crashes, over all instances. */
  restarts: number;
  counts?: Counts;
  /** `direct`: its own process accepts the connections. `forwarded`: a pass-through process does, as it is not Node.js. */
  mode: "direct" | "forwarded";
  failure?: { reason: string; lastLines: string[] };
}

export interface EnvironmentView {
  /** `http://localhost:3000`. */
  address: string;
  /** Id of the deployment that answers the public address. */
  active?: string;
  /** Id of the one that did before it, kept warm or startable for a rollback. */
  previous?: string;
  /** Newest first; stopped ones are kept as long as their logs are. */
  deployments: DeploymentView[];
  /** For people: `the host is not running`, … */
  notes: string[];
}

export interface StartRequest {
  environment: string;
  deploymentId: string;
  release: ReleaseReference;
  /** Absolute path of the application inside the release. */
  directory: string;
  start: StartCommand;
  health: { path: string; timeoutMs: number };
  instances: number;
  /** The whole environment of the process beside what the platform adds (`PORT`, `HOSTNAME`, `NODE_ENV`, `FAIRLEAD_*`). */
  variables: Record<string, string | Secret>;
  drainTimeoutMs: number;
  /** Fencing token of the caller's lease; a platform refuses one older than it has seen. */
  token?: number;
}

export interface LogLine {
  deployment: string;
  text: string;
}

export interface LogRequest {
  environment: string;
  deploymentId?: string;
  /** How many of the last lines come first. */
  tail: number;
  follow: boolean;
}

/** A place where releases run. Rolling back is `switch(previous)`. */
export interface Platform {
  readonly name: string;
  check(context: Context, environment: string): Promise<Problem[]>;
  observe(context: Context, environment: string): Promise<EnvironmentView>;
  /**
   * Starts a deployment and gives it back healthy and dark; idempotent by deployment id.
   * Errors: `start-failed` with the last probe error and the last log lines; nothing is left running then.
   */
  start(context: Context, request: StartRequest): Promise<DeploymentView>;
  /** Gives the public address to a deployment that is ready; idempotent. Errors: `not-ready`, `fenced`. */
  switch(
    context: Context,
    request: { environment: string; deploymentId: string; token?: number },
  ): Promise<{ from?: string; tookMs: number }>;
  /** Ends a deployment that is not active, after what is in flight; idempotent. Errors: `deployment-active`, `fenced`. */
  stop(
    context: Context,
    request: { environment: string; deploymentId: string; token?: number },
  ): Promise<void>;
  logs(context: Context, request: LogRequest): AsyncIterable<LogLine>;
  /** Of platforms whose processes we run ourselves. */
  readonly hosting?: PlatformHosting;
}

export interface PlatformHosting {
  /** Starts the environment's host, and with it the deployment that was active, where it does not run; idempotent. */
  up(context: Context, environment: string): Promise<EnvironmentView>;
  /** Drains and stops every process of the environment and its host; a later `up` brings back the same. */
  down(context: Context, environment: string): Promise<void>;
}
