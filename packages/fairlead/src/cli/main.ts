import { existsSync } from "node:fs";
import { resolve } from "node:path";

import {
  cancelled,
  type Context,
  exitCodes,
  type Failure,
  FairleadError,
  messageOf,
  packageVersion,
} from "../kernel/index.ts";
import { type Invocation, parseCommandLine } from "./arguments.ts";
import type { CommandSpec } from "./command.ts";
import { helpText } from "./help.ts";
import { commandOutput, type CommandResult } from "./main-output.ts";
import { commandSpecs } from "./registry.ts";

/**
 * Runs one command line (without `node` and the script) and gives the exit code. Errors end here: they are shown, never thrown.
 * With `--json`, `context.out.json` gets exactly one document: `{ v: 1, ok, data, error? }`.
 */
export async function main(
  argv: readonly string[],
  context: Context,
  specs: readonly CommandSpec[] = commandSpecs,
): Promise<number> {
  const line = parseCommandLine(argv, specs);
  const result: CommandResult = { data: null };
  const out = commandOutput(context.out, line.globals, result);
  let code: number = exitCodes.ok;
  let failure: Failure | undefined;
  try {
    code = await invoke(line.invocation(), locate({ ...context, out }, line.globals.cwd), specs);
  } catch (error) {
    const known = error instanceof FairleadError ? error : interpretUnknown(error, context.signal);
    code = known === undefined ? exitCodes.bug : exitCodes[known.exit];
    failure = known === undefined ? describeBug(error) : describeError(known, line.globals.verbose);
    context.out.fail(failure);
  }
  if (line.globals.json) {
    const outcome = { v: 1, ok: code === exitCodes.ok, data: result.data };
    context.out.json(failure === undefined ? outcome : { ...outcome, error: failure });
  }
  return code;
}

async function invoke(
  invocation: Invocation,
  context: Context,
  specs: readonly CommandSpec[],
): Promise<number> {
  if (invocation.kind === "version") {
    const version = packageVersion();
    context.out.line(version);
    context.out.json({ version, node: process.versions.node });
    return exitCodes.ok;
  }
  if (invocation.kind === "help") {
    const text = helpText(invocation.topic, specs);
    context.out.line(text);
    context.out.json({ text });
    return exitCodes.ok;
  }
  const command = await invocation.spec.load();
  const code = await command.run(context, invocation.input);
  return code ?? exitCodes.ok;
}

function locate(context: Context, directory: string | undefined): Context {
  if (directory === undefined) return context;
  const cwd = resolve(context.cwd, directory);
  if (!existsSync(cwd)) {
    throw new FairleadError("usage", `--cwd ${directory}: no such directory`, { exit: "usage" });
  }
  return {
    ...context,
    cwd,
    exec: (argv, options) => context.exec(argv, { ...options, cwd: options?.cwd ?? cwd }),
  };
}

// What Node.js itself throws when our signal fires (AbortError) is the user's Ctrl-C, too.
function interpretUnknown(error: unknown, signal: AbortSignal): FairleadError | undefined {
  const isAbort = error instanceof Error && error.name === "AbortError";
  return signal.aborted && (isAbort || error === signal.reason) ? cancelled() : undefined;
}

function describeError(error: FairleadError, verbose: boolean): Failure {
  const causes = verbose ? causeLines(error) : [];
  return {
    code: error.code,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    details: [...error.details, ...causes],
  };
}

function causeLines(error: FairleadError): string[] {
  const lines = (error.stack ?? "").split("\n").slice(1);
  let cause: unknown = error.cause;
  for (let depth = 0; cause !== undefined && depth < 10; depth++) {
    lines.push(`caused by ${cause instanceof Error ? (cause.stack ?? cause.message) : messageOf(cause)}`);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return lines;
}

function describeBug(error: unknown): Failure {
  const stack = error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
  return {
    code: "bug",
    message: `a mistake in fairlead itself: ${messageOf(error)}`,
    hint:
      "Please report this to the maintainers with the command line, the lines above " +
      "and the output of: fairlead doctor --json",
    details: [
      ...stack.split("\n"),
      `fairlead ${packageVersion()}, Node.js ${process.versions.node}, ${process.platform} ${process.arch}`,
    ],
  };
}
