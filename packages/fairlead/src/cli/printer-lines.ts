import { stripVTControlCharacters } from "node:util";

import { type Failure, formatDuration } from "../kernel/index.ts";
import type { Sink } from "./printer-sink.ts";

export type StepOutcome = "done" | "skipped" | "failed" | "interrupted";

export interface FinishedStep {
  title: string;
  outcome: StepOutcome;
  note: string | undefined;
  durationMs: number;
}

/** How the lines of progress are written: for people, or for a CI service that reads them. */
export interface LineStyle {
  warning(text: string, sink: Sink): string;
  failure(failure: Failure, sink: Sink): string[];
  /** Any other text; may take the force out of what the CI service would obey. */
  text(text: string): string;
}

const marks = {
  done: ["✓", "green"],
  skipped: ["–", "dim"],
  failed: ["✗", "red"],
  interrupted: ["✗", "yellow"],
} as const;

/** The line of a step that has ended: mark, title, note, duration. */
export function formatStep(step: FinishedStep, sink: Sink): string {
  const [mark, color] = marks[step.outcome];
  const note = step.outcome === "interrupted" ? (step.note ?? "interrupted") : step.note;
  const parts = [`${sink.color(color, mark)} ${step.title}`];
  if (note !== undefined && note !== "") parts.push(sink.color("dim", "·"), note);
  if (step.outcome !== "skipped") parts.push(sink.color("dim", `(${formatDuration(step.durationMs)})`));
  return parts.join(" ");
}

/** Text as one line without control sequences, so that foreign output cannot move the cursor. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\s+/g, " ").trim();
}

/** Lines for people. */
export const plainStyle: LineStyle = {
  warning: (text, sink) => `${sink.color("yellow", "!")} ${text}`,
  failure(failure, sink) {
    const lines = [`${sink.color("red", "✗")} ${sink.color("bold", failure.message)}`];
    lines.push(...indent(failure.details));
    if (failure.hint !== undefined) lines.push(`  ${sink.color("cyan", "→")} ${failure.hint}`);
    lines.push(`  ${sink.color("dim", `code: ${failure.code}`)}`);
    return lines;
  },
  text: (text) => text,
};

/** Lines with GitHub's workflow commands: annotations for warnings and the failure, details folded in a group. */
export const githubStyle: LineStyle = {
  warning: (text) => `::warning::${escapeData(text)}`,
  failure(failure) {
    const text = [failure.message, failure.hint].filter((part) => part !== undefined).join("\n");
    const lines = [`::error title=fairlead ${failure.code}::${escapeData(text)}`];
    if (failure.details.length === 0) return lines;
    return [...lines, "::group::details", ...indent(failure.details).map(disarm), "::endgroup::"];
  },
  text: disarm,
};

function indent(lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split("\n")).map((line) => `  ${line}`);
}

// https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts: what must be escaped in a command's data.
function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

// An application's log line that looks like a workflow command must not become one.
function disarm(text: string): string {
  return text.replaceAll(/^(\s*):(?=:)/gm, "$1: ").replaceAll("##[", "## [");
}
