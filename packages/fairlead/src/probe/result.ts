import type { Answer } from "./request.ts";

/** What one request of the smoke test came to. */
export interface SmokeResult {
  path: string;
  status?: number;
  durationMs: number;
  /** Why the release must not go on. */
  problem?: string;
  /** What a person should see, though the release may go on. */
  warning?: string;
}

/** A result with what the request showed. */
export function resultOf(
  path: string,
  answer: Answer,
  finding: { problem?: string; warning?: string },
): SmokeResult {
  const status = answer.status === undefined ? {} : { status: answer.status };
  return { path, ...status, durationMs: Math.round(answer.durationMs), ...finding };
}
