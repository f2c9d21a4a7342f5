import { FairleadError } from "../kernel/index.ts";
import type { DeploymentView, EnvironmentView, LogLine, Platform, StartRequest } from "./port.ts";

export interface MemoryPlatformOptions {
  /** Public addresses by environment; `http://<environment>.test` where there is none. */
  addresses?: Record<string, string>;
  /** Decides whether a deployment becomes healthy: gives the reason when it does not. */
  judge?: (request: StartRequest) => string | undefined;
}

/** A platform in memory, and what a test can do to it. */
export interface MemoryPlatform extends Platform {
  /** Makes the processes of a deployment fail, as after crashes. */
  fail(environment: string, deploymentId: string, reason: string): void;
  /** Changes the counts of a deployment, as traffic does. */
  count(
    environment: string,
    deploymentId: string,
    counts: Partial<NonNullable<DeploymentView["counts"]>>,
  ): void;
  /** Adds a line to a deployment's log. */
  write(environment: string, deploymentId: string, text: string): void;
}

interface MemoryEnvironment {
  token: number;
  active?: string;
  previous?: string;
  isUp: boolean;
  deployments: DeploymentView[];
  lines: LogLine[];
}

/** Makes a platform that runs nothing and behaves like one that does: idempotent, fenced, the active one protected. */
export function createMemoryPlatform(options: MemoryPlatformOptions = {}): MemoryPlatform {
  const environments = new Map<string, MemoryEnvironment>();
  const of = (name: string): MemoryEnvironment => {
    const known = environments.get(name) ?? { token: 0, isUp: true, deployments: [], lines: [] };
    environments.set(name, known);
    return known;
  };
  const find = (name: string, id: string) => of(name).deployments.find((deployment) => deployment.id === id);
  const view = (name: string): EnvironmentView => {
    const { active, previous, isUp, deployments } = of(name);
    return structuredClone({
      address: options.addresses?.[name] ?? `http://${name.replaceAll("/", "-")}.test`,
      ...(active === undefined ? {} : { active }),
      ...(previous === undefined ? {} : { previous }),
      deployments: deployments.map((each) => ({ ...each, state: shownState(each, active, isUp) })),
      notes: isUp ? [] : ["the host is not running"],
    });
  };
  const viewOne = (name: string, id: string): DeploymentView => {
    const found = view(name).deployments.find((deployment) => deployment.id === id);
    if (found === undefined) throw new TypeError(`there is no deployment ${id}`);
    return found;
  };

  return {
    name: "memory",
    check: () => Promise.resolve([]),
    observe: (_context, name) => Promise.resolve(view(name)),

    async start(context, request) {
      const environment = of(request.environment);
      await Promise.resolve();
      fence(environment, request.token);
      const known = find(request.environment, request.deploymentId);
      if (known?.state === "ready") return viewOne(request.environment, request.deploymentId);
      const reason = options.judge?.(request);
      const deployment = newDeployment(request, context.clock.now(), environment.deployments.length, reason);
      environment.isUp = true;
      environment.deployments = [
        deployment,
        ...environment.deployments.filter(({ id }) => id !== deployment.id),
      ];
      if (reason !== undefined) {
        const message = `${request.deploymentId} did not start: ${reason}`;
        throw new FairleadError("start-failed", message, { details: [reason] });
      }
      return viewOne(request.environment, request.deploymentId);
    },

    async switch(context, request) {
      const environment = of(request.environment);
      await Promise.resolve();
      fence(environment, request.token);
      const from = environment.active;
      if (from === request.deploymentId) return { tookMs: 0 };
      const next = find(request.environment, request.deploymentId);
      if (next?.state !== "ready") {
        throw new FairleadError("not-ready", `${request.deploymentId} is ${next?.state ?? "unknown"}`);
      }
      next.activatedAt = new Date(context.clock.now()).toISOString();
      environment.active = next.id;
      if (from !== undefined) environment.previous = from;
      return { ...(from === undefined ? {} : { from }), tookMs: 0 };
    },

    async stop(_context, request) {
      const environment = of(request.environment);
      await Promise.resolve();
      fence(environment, request.token);
      if (environment.active === request.deploymentId) {
        throw new FairleadError("deployment-active", `${request.deploymentId} answers the public address`);
      }
      const deployment = find(request.environment, request.deploymentId);
      if (deployment !== undefined) Object.assign(deployment, { state: "stopped", instances: [] });
    },

    async *logs(_context, request) {
      await Promise.resolve();
      const lines = of(request.environment).lines.filter(
        ({ deployment }) => request.deploymentId === undefined || deployment === request.deploymentId,
      );
      yield* request.tail === 0 ? [] : lines.slice(-request.tail);
    },

    hosting: {
      up(_context, name) {
        of(name).isUp = true;
        return Promise.resolve(view(name));
      },
      down(_context, name) {
        of(name).isUp = false;
        return Promise.resolve();
      },
    },

    fail(name, id, reason) {
      const deployment = find(name, id);
      if (deployment !== undefined)
        Object.assign(deployment, { state: "failed", failure: { reason, lastLines: [] } });
    },
    count(name, id, counts) {
      const deployment = find(name, id);
      if (deployment?.counts !== undefined) Object.assign(deployment.counts, counts);
    },
    write(name, id, text) {
      of(name).lines.push({ deployment: id, text });
    },
  };
}

function shownState(
  deployment: DeploymentView,
  active: string | undefined,
  isUp: boolean,
): DeploymentView["state"] {
  if (deployment.state !== "ready") return deployment.state;
  if (!isUp) return "stopped";
  return deployment.id === active ? "active" : "ready";
}

function fence(environment: MemoryEnvironment, token: number | undefined): void {
  if (token === undefined) return;
  if (token < environment.token) {
    const message = `the token ${String(token)} is older than ${String(environment.token)}`;
    throw new FairleadError("fenced", `another deploy has taken over this environment: ${message}`);
  }
  environment.token = token;
}

function newDeployment(
  request: StartRequest,
  nowMs: number,
  index: number,
  failure: string | undefined,
): DeploymentView {
  const instances = Array.from({ length: request.instances }, (_, instance) => ({
    pid: 1000 + index * 10 + instance,
    state: "ready" as const,
    restarts: 0,
  }));
  return {
    id: request.deploymentId,
    release: request.release,
    state: failure === undefined ? "ready" : "failed",
    ...(failure === undefined ? { privateAddress: `http://${request.deploymentId}.test` } : {}),
    startedAt: new Date(nowMs).toISOString(),
    instances: failure === undefined ? instances : [],
    restarts: 0,
    counts: {
      requests: 0,
      errors: 0,
      aborted: 0,
      inFlight: 0,
      connections: 0,
      latency: { boundsMs: [1, 10, 100, 1000], counts: [0, 0, 0, 0, 0] },
    },
    mode: request.start.kind === "command" ? "forwarded" : "direct",
    ...(failure === undefined ? {} : { failure: { reason: failure, lastLines: [failure] } }),
  };
}
