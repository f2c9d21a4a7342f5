import { formatDuration } from "../kernel/index.ts";
import type { Printer, PrinterBasis } from "./printer-basis.ts";
import { confirmOnTerminal } from "./printer-confirm.ts";
import { formatStep, oneLine, type StepOutcome } from "./printer-lines.ts";
import { createRegion, type Region } from "./printer-region.ts";

interface RunningStep {
  title: string;
  note: string | undefined;
  startedAt: number;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const frameMs = 80;

/** Prints on a terminal: running steps with spinner, time and note below everything that is final. */
export function createLivePrinter(basis: PrinterBasis): Printer {
  const { sink, style } = basis;
  const running = new Set<RunningStep>();
  const region: Region = createRegion(sink);
  let ticker: NodeJS.Timeout | undefined;

  const draw = () => {
    region.draw([...running].map((step) => runningLine(step)));
  };
  const runningLine = (step: RunningStep) => {
    const elapsedMs = performance.now() - step.startedAt;
    const frame = frames[Math.floor(performance.now() / frameMs) % frames.length] ?? "";
    const time = elapsedMs < 1000 ? "" : ` (${formatDuration(Math.floor(elapsedMs / 1000) * 1000)})`;
    const note = step.note === undefined || step.note === "" ? "" : ` · ${step.note}`;
    return { mark: sink.color("cyan", frame), text: `${step.title}${time}${note}` };
  };
  const permanently = (write: () => void) => {
    region.clear();
    write();
    draw();
  };
  const end = (step: RunningStep, outcome: StepOutcome, note?: string) => {
    if (!running.delete(step)) return;
    if (running.size === 0) {
      clearInterval(ticker);
      ticker = undefined;
    }
    const durationMs = performance.now() - step.startedAt;
    const line = formatStep(
      { ...step, outcome, note: note === undefined ? note : oneLine(note), durationMs },
      sink,
    );
    permanently(() => {
      sink.err(`${line}\n`);
    });
  };
  const interruptAll = () => {
    for (const step of [...running]) end(step, "interrupted", step.note);
  };
  const start = (title: string) => {
    const step: RunningStep = { title: oneLine(title), note: undefined, startedAt: performance.now() };
    running.add(step);
    ticker ??= setInterval(draw, frameMs).unref();
    draw();
    return step;
  };

  return {
    interactive: basis.interactive,
    step(title) {
      const step = start(title);
      return {
        update(note) {
          step.note = oneLine(note);
        },
        done: (note) => {
          end(step, "done", note);
        },
        skip: (note) => {
          end(step, "skipped", note);
        },
        fail: (note) => {
          end(step, "failed", note);
        },
      };
    },
    note(text) {
      permanently(() => {
        sink.err(`${style.text(text)}\n`);
      });
    },
    warn(text) {
      permanently(() => {
        sink.err(`${style.warning(text, sink)}\n`);
      });
    },
    fail(failure) {
      interruptAll();
      sink.err(`${style.failure(failure, sink).join("\n")}\n`);
    },
    line(text = "") {
      permanently(() => {
        sink.out(`${style.text(text)}\n`);
      });
    },
    json: (value) => {
      sink.document(value);
    },
    async confirm(question, signal) {
      region.pause();
      try {
        return await confirmOnTerminal(basis, question, signal);
      } finally {
        region.resume();
        draw();
      }
    },
    conceal: (secret) => {
      sink.conceal(secret);
    },
    close() {
      interruptAll();
      region.close();
    },
  };
}
