import { type Clock, systemClock } from "./clock.ts";
import { createExec, type Exec } from "./exec.ts";
import { memoryOutput, type MemoryOutput, type Output } from "./output.ts";

/** What the outside world is to a command: built once in `cli/main.ts` (and in `testContext`), passed first. */
export interface Context {
  /** Absolute path the command was started in. */
  cwd: string;
  env: NodeJS.ProcessEnv;
  exec: Exec;
  out: Output;
  clock: Clock;
  fetch: typeof fetch;
  /** Fires on Ctrl-C. */
  signal: AbortSignal;
  /** Told each journalled point (`migrate:intent`, `switch:done`, …) once it is durable; fault tests end the process there. */
  reached?: (point: string) => void;
}

/** The same context under another signal, for work that must go on when the first one has fired (undoing, settling). */
export function withSignal(context: Context, signal: AbortSignal): Context {
  return { ...context, signal, exec: (argv, options) => context.exec(argv, { signal, ...options }) };
}

/** A context for tests: real processes and time, output in memory; parts can be replaced. */
export function testContext(
  parts: Partial<Context> & { answers?: boolean[] } = {},
): Context & { out: MemoryOutput } {
  const signal = parts.signal ?? new AbortController().signal;
  const cwd = parts.cwd ?? process.cwd();
  const env = parts.env ?? process.env;
  return {
    cwd,
    env,
    clock: parts.clock ?? systemClock,
    fetch: parts.fetch ?? fetch,
    signal,
    exec: parts.exec ?? createExec({ cwd, env, signal }),
    out: memoryOutput(parts.answers === undefined ? {} : { answers: parts.answers }),
  };
}
