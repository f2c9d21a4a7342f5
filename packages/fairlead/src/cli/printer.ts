import type { Readable } from "node:stream";

import type { Printer, PrinterBasis } from "./printer-basis.ts";
import { githubStyle, type LineStyle, plainStyle } from "./printer-lines.ts";
import { createLivePrinter } from "./printer-live.ts";
import { createPlainPrinter } from "./printer-plain.ts";
import { createSink, type TerminalStream } from "./printer-sink.ts";

export interface PrinterOptions {
  stdin: Readable & { isTTY?: boolean };
  stdout: TerminalStream;
  stderr: TerminalStream;
  env: NodeJS.ProcessEnv;
  json: boolean;
  /** False: no colours, whatever the environment says. */
  color: boolean;
  verbose: boolean;
}

/**
 * Makes the output that fits where it goes: a live list on a terminal, else lines; with workflow commands in GitHub Actions.
 * Honours NO_COLOR, FORCE_COLOR, TERM=dumb and CI.
 */
export function createPrinter(options: PrinterOptions): Printer {
  const { env, stdin, stderr } = options;
  const isCi = isSet(env["CI"]);
  const isTerminal = stderr.isTTY === true && env["TERM"] !== "dumb";
  const sink = createSink(options);
  const style: LineStyle = isSet(env["GITHUB_ACTIONS"]) ? githubStyle : plainStyle;
  const interactive = stdin.isTTY === true && stderr.isTTY === true && !isCi && !options.json;
  const basis: PrinterBasis = { sink, stdin, interactive, style, verbose: options.verbose };
  return isTerminal && !isCi && !options.json ? createLivePrinter(basis) : createPlainPrinter(basis);
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && !["", "0", "false"].includes(value.toLowerCase());
}
