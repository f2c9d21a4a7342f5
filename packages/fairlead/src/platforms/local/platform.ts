import { type Context, FairleadError, type Problem, redact } from "../../kernel/index.ts";
import type { DeploymentView, EnvironmentView, Platform, StartRequest } from "../port.ts";
import { checkEnvironment } from "./check.ts";
import { askHost, isHostGone } from "./client.ts";
import { readLogs } from "./follow.ts";
import { endRemains, ensureHost, hasProcesses, pickBaseVariables } from "./launch.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { type HostConfig, readState, storeVariables } from "./state.ts";
import { publicAddress, viewWithoutHost } from "./view.ts";

export interface LocalPlatformOptions {
  /** Absolute path of the project. */
  root: string;
  /** The public address of each environment. */
  environments: Record<string, { port: number; host: string }>;
  /** The Node.js that applications run with; this process's own unless told. */
  nodePath?: string;
  /** Waits between the restarts of a process that crashes, doubled each time; 250 ms to 10 s unless told. */
  backOff?: { shortestMs: number; longestMs: number };
}

const viewTimeoutMs = 5000;
const switchTimeoutMs = 60_000;
const longOperationTimeoutMs = 15 * 60_000;
const startMarginMs = 60_000;
/** A host that dies while it is asked gets a successor, which is asked again. */
const attempts = 5;
const successorWaitMs = 500;

/** The platform that runs releases as processes of this machine, each environment behind one port of its own. */
export function createLocalPlatform(options: LocalPlatformOptions): Platform {
  const configOf = (context: Context, environment: string): { config: HostConfig; layout: Layout } => {
    const place = options.environments[environment];
    if (place === undefined) throw unknownEnvironment(environment, Object.keys(options.environments));
    const config: HostConfig = {
      root: options.root,
      environment,
      ...place,
      nodePath: options.nodePath ?? process.execPath,
      baseVariables: pickBaseVariables(context.env),
      ...(options.backOff === undefined ? {} : { backOff: options.backOff }),
    };
    return { config, layout: layoutOf(options.root, environment) };
  };
  const ask = async <T>(
    context: Context,
    environment: string,
    request: { method: string; params: unknown; timeoutMs: number },
  ): Promise<T> => {
    const { config, layout } = configOf(context, environment);
    for (let attempt = 1; ; attempt += 1) {
      await ensureHost(context, layout, config);
      try {
        return await askHost<T>(
          context,
          layout.controlSocket,
          request.method,
          request.params,
          request.timeoutMs,
        );
      } catch (error) {
        if (!isHostGone(error) || attempt === attempts) throw error;
      }
    }
  };
  const observe = async (context: Context, environment: string): Promise<EnvironmentView> => {
    const { config, layout } = configOf(context, environment);
    try {
      return await askHost<EnvironmentView>(context, layout.controlSocket, "view", {}, viewTimeoutMs);
    } catch (error) {
      if (context.signal.aborted) throw error;
      return viewWithoutHost(await readState(layout), publicAddress(config.host, config.port));
    }
  };

  return {
    name: "local",
    check: (context, environment): Promise<Problem[]> => {
      const { config, layout } = configOf(context, environment);
      return checkEnvironment(context, layout, config);
    },
    observe,
    start: (context, request) => start(context, request, ask),
    switch: (context, { environment, ...params }) =>
      ask(context, environment, { method: "switch", params, timeoutMs: switchTimeoutMs }),
    stop: async (context, { environment, ...params }) => {
      await ask(context, environment, { method: "stop", params, timeoutMs: longOperationTimeoutMs });
    },
    logs: (context, { environment, ...request }) =>
      readLogs(context, configOf(context, environment).layout, request),
    hosting: {
      up: (context, environment) =>
        ask(context, environment, { method: "up", params: {}, timeoutMs: longOperationTimeoutMs }),
      down: (context, environment) => down(context, configOf(context, environment).layout),
    },
  };
}

/** Ends an environment through its host; without one, ends the processes that are left. */
async function down(context: Context, layout: Layout): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    try {
      await askHost(context, layout.controlSocket, "down", {}, longOperationTimeoutMs);
      return;
    } catch (error) {
      if (!isHostGone(error)) throw error;
    }
    if (!(await hasProcesses(layout))) return;
    // A successor may be on its way, which ends them more gently.
    await context.clock.sleep(successorWaitMs, context.signal);
  }
  await endRemains(context, layout);
}

async function start(
  context: Context,
  request: StartRequest,
  ask: <T>(
    context: Context,
    environment: string,
    request: { method: string; params: unknown; timeoutMs: number },
  ) => Promise<T>,
): Promise<DeploymentView> {
  const { environment, variables, ...rest } = request;
  const stored = storeVariables(variables);
  const params = { ...rest, variables: stored };
  try {
    const timeoutMs = request.health.timeoutMs + startMarginMs;
    return await ask<DeploymentView>(context, environment, { method: "start", params, timeoutMs });
  } catch (error) {
    throw redactError(
      error,
      Object.values(stored).flatMap(({ value, secret }) => (secret ? [value] : [])),
    );
  }
}

function redactError(error: unknown, secrets: string[]): unknown {
  if (!(error instanceof FairleadError)) return error;
  return new FairleadError(error.code, redact(error.message, secrets), {
    cause: error.cause,
    exit: error.exit,
    details: error.details.map((line) => redact(line, secrets)),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}

function unknownEnvironment(environment: string, known: string[]): FairleadError {
  return new FairleadError("environment-unknown", `the local platform has no environment ${environment}`, {
    exit: "usage",
    hint: `It has: ${known.join(", ")}.`,
  });
}
