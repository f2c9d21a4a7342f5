import type { Printer, PrinterBasis } from "./printer-basis.ts";
import { confirmOnTerminal } from "./printer-confirm.ts";
import { formatStep, oneLine, type StepOutcome } from "./printer-lines.ts";

const slowAfterMs = 5000;

/** Prints lines, none of which is changed later: a step's when it ends, and `→ title` before where it takes longer than 5 s. */
export function createPlainPrinter(basis: PrinterBasis, options = { slowAfterMs }): Printer {
  const { sink, style } = basis;
  const running = new Set<(outcome: StepOutcome) => void>();
  const print = (text: string) => {
    sink.err(`${style.text(text)}\n`);
  };
  const interruptAll = () => {
    for (const end of [...running]) end("interrupted");
  };

  return {
    interactive: basis.interactive,
    step(rawTitle) {
      const title = oneLine(rawTitle);
      const startedAt = performance.now();
      const timer = setTimeout(() => {
        print(`${sink.color("dim", "→")} ${title}`);
      }, options.slowAfterMs).unref();
      const end = (outcome: StepOutcome, note?: string) => {
        if (!running.delete(interrupt)) return;
        clearTimeout(timer);
        const durationMs = performance.now() - startedAt;
        print(
          formatStep({ title, outcome, note: note === undefined ? note : oneLine(note), durationMs }, sink),
        );
      };
      const interrupt = () => {
        end("interrupted");
      };
      running.add(interrupt);
      return {
        update(note) {
          if (basis.verbose) print(`${sink.color("dim", "·")} ${title}: ${oneLine(note)}`);
        },
        done: (note) => {
          end("done", note);
        },
        skip: (note) => {
          end("skipped", note);
        },
        fail: (note) => {
          end("failed", note);
        },
      };
    },
    note: print,
    warn(text) {
      sink.err(`${style.warning(text, sink)}\n`);
    },
    fail(failure) {
      interruptAll();
      sink.err(`${style.failure(failure, sink).join("\n")}\n`);
    },
    line(text = "") {
      sink.out(`${style.text(text)}\n`);
    },
    json: (value) => {
      sink.document(value);
    },
    confirm: (question, signal) => confirmOnTerminal(basis, question, signal),
    conceal: (secret) => {
      sink.conceal(secret);
    },
    close: interruptAll,
  };
}
