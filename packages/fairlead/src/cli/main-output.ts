import { FairleadError, type Output } from "../kernel/index.ts";

/** What a command gave as data. */
export interface CommandResult {
  data: unknown;
}

/**
 * The output as a command sees it: in `--json` its lines are left out and its data is kept for the one document;
 * `--yes` answers every question; a question that nobody can answer is an error that names the flag.
 */
export function commandOutput(
  out: Output,
  globals: { json: boolean; yes: boolean },
  result: CommandResult,
): Output {
  const interactive = out.interactive && !globals.json;
  return {
    interactive,
    step: (title) => out.step(title),
    note: (text) => {
      out.note(text);
    },
    warn: (text) => {
      out.warn(text);
    },
    fail: (failure) => {
      out.fail(failure);
    },
    conceal: (secret) => {
      out.conceal(secret);
    },
    line: (text) => {
      if (!globals.json) out.line(text);
    },
    json: (value) => {
      result.data = value;
    },
    confirm(question, signal) {
      if (globals.yes) return Promise.resolve(true);
      return interactive ? out.confirm(question, signal) : Promise.reject(confirmationNeeded(question));
    },
  };
}

function confirmationNeeded(question: string): FairleadError {
  return new FairleadError("confirmation-needed", `cannot ask without a terminal: ${question}`, {
    exit: "usage",
    hint: "Pass --yes to accept.",
  });
}
