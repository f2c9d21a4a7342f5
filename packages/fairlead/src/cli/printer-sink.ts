import type { Writable } from "node:stream";
import { styleText } from "node:util";

import { redact } from "../kernel/index.ts";

/** A stream that may be a terminal. */
export type TerminalStream = Writable & { isTTY?: boolean; columns?: number; rows?: number };

export type Color = "green" | "red" | "yellow" | "cyan" | "dim" | "bold";

/** The two streams of a process with everything that holds for both: secrets left out, colours where wanted. */
export interface Sink {
  /** Size of the terminal behind stderr at this moment. */
  size(): { columns: number; rows: number };
  /** Writes progress. */
  err(text: string): void;
  /** Writes the result. */
  out(text: string): void;
  /** Prints a value as one JSON document to stdout. */
  document(value: unknown): void;
  conceal(secret: string): void;
  /** Leaves out every secret, for text whose length is measured before it is written. */
  clean(text: string): string;
  color(color: Color, text: string): string;
}

/** Makes the sink of a process; `color: false` wins over the environment. */
export function createSink(options: {
  stdout: TerminalStream;
  stderr: TerminalStream;
  env: NodeJS.ProcessEnv;
  color: boolean;
}): Sink {
  const { stdout, stderr } = options;
  const secrets = new Set<string>();
  const clean = (text: string) => redact(text, secrets);
  const isColored = options.color && wantsColor(options.env, stderr.isTTY === true);
  return {
    size: () => ({ columns: positive(stderr.columns) ?? 80, rows: positive(stderr.rows) ?? 24 }),
    err: (text) => void stderr.write(clean(text)),
    out: (text) => void stdout.write(clean(text)),
    document: (value) => void stdout.write(`${serialize(value, clean)}\n`),
    clean,
    conceal(secret) {
      // Of a secret of several lines (a key), a single line must not be printed either.
      for (const line of [secret, ...secret.split("\n")]) {
        if (line.length >= 6) secrets.add(line);
      }
    },
    color: (color, text) => (isColored ? styleText(color, text, { validateStream: false }) : text),
  };
}

// A terminal that was never told its size says 0.
function positive(size: number | undefined): number | undefined {
  return size === 0 ? undefined : size;
}

// https://no-color.org and https://force-color.org: a non-empty value; FORCE_COLOR=0 means no colours in Node.js, too.
function wantsColor(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  if ((env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb") return false;
  return isTerminal;
}

// Strings are cleaned one by one: on the finished document a pattern could reach over the quotes.
function serialize(value: unknown, clean: (text: string) => string): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === "string" ? clean(part) : part), 2);
}
