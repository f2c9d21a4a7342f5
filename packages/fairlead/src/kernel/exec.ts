import { spawn } from "node:child_process";

import { cancelled, codeOf, FairleadError } from "./errors.ts";
import { redact, reveal, type Secret } from "./secret.ts";

export interface ExecOptions {
  cwd?: string;
  /** Variables added to (`undefined`: taken from) those of this process. */
  env?: Record<string, string | Secret | undefined>;
  input?: string;
  timeoutMs?: number;
  /** How much of each stream is kept, in characters; the start is dropped first. */
  keepOutput?: number;
  signal?: AbortSignal;
  /** Called with each piece of output as it comes, secrets redacted. */
  onOutput?: (text: string, stream: "stdout" | "stderr") => void;
  /** Called with the pid as soon as there is one. */
  onStart?: (pid: number) => void;
  uid?: number;
  gid?: number;
}

export interface ExecResult {
  /** Exit code; 128 + n when a signal ended it. */
  code: number;
  stdout: string;
  stderr: string;
  durationMs: number;
}

/** Starts a process from an argv array (never a shell) and gives its outcome; a code other than 0 is a value, not an error. */
export type Exec = (argv: readonly string[], options?: ExecOptions) => Promise<ExecResult>;

const signalNumbers: Record<string, number> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
const killGraceMs = 3000;

/**
 * Makes the `exec` of a context. Processes get a group of their own, so that cancelling ends their children too.
 * Errors: `tool-missing` when the program is not there, `exec-timeout`, `cancelled`.
 */
export function createExec(defaults: { cwd: string; env: NodeJS.ProcessEnv; signal: AbortSignal }): Exec {
  return (argv, options = {}) => run(argv, { ...options, cwd: options.cwd ?? defaults.cwd }, defaults);
}

function run(
  argv: readonly string[],
  options: ExecOptions & { cwd: string },
  defaults: { env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<ExecResult> {
  const [program, ...args] = argv;
  if (program === undefined) throw new TypeError("exec needs a program");
  const signal = options.signal ?? defaults.signal;
  if (signal.aborted) return Promise.reject(cancelled());

  const secrets = secretsOf(options.env);
  const startedAt = performance.now();
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: childEnvironment(defaults.env, options.env),
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  if (child.pid !== undefined) options.onStart?.(child.pid);

  const kept = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (chunk: string) => {
      const text = redact(chunk, secrets);
      kept[stream] = (kept[stream] + text).slice(-(options.keepOutput ?? 1_000_000));
      options.onOutput?.(text, stream);
    });
  }
  child.stdin.on("error", () => undefined).end(options.input);

  return new Promise((resolve, reject) => {
    let ended: FairleadError | undefined;
    let killTimer: NodeJS.Timeout | undefined;
    const end = (reason: FairleadError) => {
      ended = reason;
      killGroup(child.pid, "SIGTERM");
      killTimer = setTimeout(() => {
        killGroup(child.pid, "SIGKILL");
      }, killGraceMs);
    };
    const onAbort = () => {
      end(cancelled());
    };
    signal.addEventListener("abort", onAbort, { once: true });
    // It may have fired since the beginning, for example in `onStart`.
    if (signal.aborted) onAbort();
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            const limit = `${String(Math.round((options.timeoutMs ?? 0) / 1000))} s`;
            end(new FairleadError("exec-timeout", `${program} did not finish within ${limit}`));
          }, options.timeoutMs);
    const settle = () => {
      clearTimeout(timer);
      clearTimeout(killTimer);
      signal.removeEventListener("abort", onAbort);
    };

    child.on("error", (error) => {
      settle();
      reject(codeOf(error) === "ENOENT" ? toolMissing(program, options.cwd, error) : error);
    });
    child.on("close", (code, exitSignal) => {
      settle();
      if (ended !== undefined) {
        reject(ended);
        return;
      }
      const exitCode = code ?? 128 + (signalNumbers[exitSignal ?? ""] ?? 0);
      resolve({ code: exitCode, ...kept, durationMs: performance.now() - startedAt });
    });
  });
}

function toolMissing(program: string, cwd: string, cause: Error): FairleadError {
  return new FairleadError("tool-missing", `cannot start ${program} in ${cwd}: not found`, {
    cause,
    exit: "environment",
    hint: `Install ${program} or put it on the PATH.`,
  });
}

function secretsOf(env: ExecOptions["env"]): string[] {
  return Object.values(env ?? {})
    .filter((value) => typeof value === "object")
    .map(reveal);
}

function childEnvironment(base: NodeJS.ProcessEnv, added: ExecOptions["env"]): NodeJS.ProcessEnv {
  const merged: NodeJS.ProcessEnv = { ...base };
  for (const [name, value] of Object.entries(added ?? {})) {
    if (value === undefined) Reflect.deleteProperty(merged, name);
    else merged[name] = reveal(value);
  }
  return merged;
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}

/** The last lines of a text, for error details. */
export function lastLines(text: string, count: number): string[] {
  return text.trimEnd().split("\n").slice(-count);
}
