/** Process exit codes of every command; the meaning of a number never changes. */
export const exitCodes = {
  ok: 0,
  checkFailed: 1,
  usage: 2,
  environment: 3,
  remote: 4,
  bug: 70,
  cancelled: 130,
} as const;

export type ExitKind = Exclude<keyof typeof exitCodes, "ok">;

export interface FairleadErrorDetails {
  /** What the reader can do about it, as an instruction. */
  hint?: string;
  cause?: unknown;
  /** Which exit code the command ends with; `checkFailed` unless told. */
  exit?: ExitKind;
  /** Further lines shown below the message: log tails, tables, single problems. */
  details?: string[];
}

/** The one error a person is meant to read: thrown where the cause is known, printed in `cli/main.ts` only. */
export class FairleadError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly exit: ExitKind;
  readonly details: string[];

  constructor(code: string, message: string, details: FairleadErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.name = "FairleadError";
    this.code = code;
    this.hint = details.hint;
    this.exit = details.exit ?? "checkFailed";
    this.details = details.details ?? [];
  }
}

/** A finding that is a value, not an exception: where it is, what is wrong, what to do. */
export interface Problem {
  where: string;
  message: string;
  remedy?: string;
}

/** Formats a problem as one line: `where: message (remedy)`. */
export function formatProblem(problem: Problem): string {
  const remedy = problem.remedy === undefined ? "" : ` (${problem.remedy})`;
  return `${problem.where}: ${problem.message}${remedy}`;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") {
    return error.errors.map(messageOf).join("; ");
  }
  return error instanceof Error ? error.message : String(error);
}

/** The system error code (`ENOENT`, `ECONNREFUSED`, a SQLSTATE) of anything that was thrown, if it has one. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** The error of an operation that its caller cancelled (Ctrl-C). */
export function cancelled(): FairleadError {
  return new FairleadError("cancelled", "cancelled", { exit: "cancelled" });
}
