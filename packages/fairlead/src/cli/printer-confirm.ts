import { createInterface } from "node:readline/promises";

import { cancelled } from "../kernel/index.ts";
import type { PrinterBasis } from "./printer-basis.ts";

/** Asks on stderr, reads a line from stdin: `y` or `yes` is true, anything else and the end of input are false. */
export async function confirmOnTerminal(
  basis: Pick<PrinterBasis, "sink" | "stdin">,
  question: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  // Without `terminal` the terminal stays in its own line mode, and Ctrl-C goes on being a signal.
  const lines = createInterface({ input: basis.stdin, terminal: false });
  basis.sink.err(`${basis.sink.color("cyan", "?")} ${question} [y/N] `);
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      const onAbort = () => {
        reject(cancelled());
      };
      if (signal?.aborted === true) onAbort();
      signal?.addEventListener("abort", onAbort, { once: true });
      lines.once("line", resolve);
      lines.once("close", () => {
        signal?.removeEventListener("abort", onAbort);
        resolve("");
      });
    });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
    basis.stdin.pause();
  }
}
