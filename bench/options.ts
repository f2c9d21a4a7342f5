import { parseArgs } from "node:util";

import { FairleadError, messageOf } from "../packages/fairlead/src/kernel/index.ts";

/** A whole number that a benchmark takes from its command line. */
export interface NumberOption {
  fallback: number;
  minimum: number;
  maximum: number;
}

export type Options<Name extends string> = Record<Name, number> & {
  /** End with exit code 1 when the figures are worse than the benchmark allows. */
  check: boolean;
  /** Write the figures into bench/RESULTS.md. */
  record: boolean;
};

/** Reads `--check`, `--record` and the numbers that a benchmark knows. Errors: `usage`. */
export function readOptions<Name extends string>(
  argv: readonly string[],
  numbers: Record<Name, NumberOption>,
): Options<Name> {
  const names = Object.keys(numbers) as Name[];
  const values = parse(argv, names);
  const read = Object.fromEntries(names.map((name) => [name, numberOf(name, values[name], numbers[name])]));
  const flags = { check: values["check"] === true, record: values["record"] === true };
  return { ...(read as Record<Name, number>), ...flags };
}

function parse(argv: readonly string[], names: readonly string[]): Record<string, unknown> {
  const known = Object.fromEntries(names.map((name) => [name, { type: "string" } as const]));
  try {
    const flags = { check: { type: "boolean" }, record: { type: "boolean" } } as const;
    return parseArgs({ args: [...argv], options: { ...known, ...flags } }).values;
  } catch (error) {
    throw usage(
      messageOf(error),
      `Options: ${[...names, "check", "record"].map((name) => `--${name}`).join(", ")}.`,
    );
  }
}

function numberOf(name: string, text: unknown, option: NumberOption): number {
  if (text === undefined) return option.fallback;
  const value = typeof text === "string" ? Number(text) : Number.NaN;
  if (Number.isInteger(value) && value >= option.minimum && value <= option.maximum) return value;
  const range = `${String(option.minimum)} to ${String(option.maximum)}`;
  throw usage(`--${name} is ${JSON.stringify(text)}`, `It has to be a whole number from ${range}.`);
}

function usage(message: string, hint: string): FairleadError {
  return new FairleadError("usage", message, { exit: "usage", hint });
}
