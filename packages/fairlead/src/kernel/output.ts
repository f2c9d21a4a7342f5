/** One line of a step list: what is being done, how it went and how long it took. */
export interface Step {
  /** Replaces the note beside a running step. */
  update(note: string): void;
  done(note?: string): void;
  skip(note: string): void;
  fail(note: string): void;
}

/** An error as it is shown and as `--json` gives it. */
export interface Failure {
  code: string;
  message: string;
  hint?: string;
  details: string[];
}

/** Where a command writes: progress to stderr, the result to stdout. */
export interface Output {
  /** Starts a step of the progress list. */
  step(title: string): Step;
  /** A progress line for people (stderr). */
  note(text: string): void;
  warn(text: string): void;
  /** Shows what a command ended with (stderr); called by `cli/main.ts` only. Steps still running are marked as interrupted. */
  fail(failure: Failure): void;
  /** A line of the result (stdout); nothing in `--json`. */
  line(text?: string): void;
  /** The result as data (stdout); printed in `--json` only, once per command. */
  json(value: unknown): void;
  /** True when a person can be asked. */
  readonly interactive: boolean;
  /** Asks a yes/no question; only when `interactive`. */
  confirm(question: string, signal?: AbortSignal): Promise<boolean>;
  /** Registers a text that must never be printed. */
  conceal(secret: string): void;
}

/** An output that keeps everything in memory, for tests. */
export interface MemoryOutput extends Output {
  readonly stdout: string[];
  readonly stderr: string[];
  readonly values: unknown[];
  readonly failures: Failure[];
}

/** Makes an output that keeps everything in memory; `answers` are given to questions in turn, then `false`. */
export function memoryOutput(options: { answers?: boolean[] } = {}): MemoryOutput {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const values: unknown[] = [];
  const failures: Failure[] = [];
  const answers = [...(options.answers ?? [])];
  return {
    stdout,
    stderr,
    values,
    failures,
    interactive: options.answers !== undefined,
    step(title) {
      const record = (mark: string) => (note?: string) => {
        stderr.push(`${mark} ${title}${note === undefined ? "" : `: ${note}`}`);
      };
      return { update: () => undefined, done: record("ok"), skip: record("skip"), fail: record("fail") };
    },
    note: (text) => void stderr.push(text),
    warn: (text) => void stderr.push(`warning: ${text}`),
    fail(failure) {
      failures.push(failure);
      stderr.push(`error: ${failure.message}`, ...failure.details);
      if (failure.hint !== undefined) stderr.push(failure.hint);
    },
    line: (text = "") => void stdout.push(text),
    json: (value) => void values.push(value),
    confirm: () => Promise.resolve(answers.shift() ?? false),
    conceal: () => undefined,
  };
}
