import type { Message } from "../server/messages.ts";

export type SendResult =
  { sent: true; message: Message } | { sent: false; problem: string; loggedOut?: boolean };

export interface SendOptions {
  fetch: typeof fetch;
  wait(delayMs: number): Promise<void>;
}

/** Waited between attempts; after the last the message is shown as not sent. About 30 s in all. */
const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 15_000];
const LONGEST_WAIT_SECONDS = 15;

const browser: SendOptions = {
  fetch: (input, init) => fetch(input, init),
  wait: (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs)),
};

/**
 * Sends a message, again and again while the server cannot be reached.
 * The key makes that safe: the server keeps one message for it.
 */
export async function sendMessage(
  sessionId: string,
  message: { key: string; body: string },
  options: SendOptions = browser,
): Promise<SendResult> {
  let problem = "The server cannot be reached.";
  for (const pauseMs of [...PAUSES_MS, undefined]) {
    const attempt = await trySending(sessionId, message, options);
    if ("sent" in attempt) return attempt;
    problem = attempt.problem;
    if (pauseMs === undefined || (attempt.waitSeconds ?? 0) > LONGEST_WAIT_SECONDS) break;
    await options.wait(Math.max(pauseMs, (attempt.waitSeconds ?? 0) * 1000));
  }
  return { sent: false, problem };
}

/** The answer, or why it is worth trying again. */
async function trySending(
  sessionId: string,
  message: { key: string; body: string },
  options: SendOptions,
): Promise<SendResult | { problem: string; waitSeconds?: number }> {
  try {
    const response = await options.fetch(`/api/sessions/${sessionId}/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(message),
      keepalive: true,
    });
    const answer = (await response.json()) as {
      message?: Message;
      error?: { message: string; fields?: Record<string, string> };
    };
    if (response.ok && answer.message !== undefined) return { sent: true, message: answer.message };
    const problem = Object.values(answer.error?.fields ?? {})[0] ?? answer.error?.message ?? "Not sent.";
    if (response.status === 429)
      return { problem, waitSeconds: Number(response.headers.get("retry-after") ?? 1) };
    if (response.status >= 500) return { problem };
    return { sent: false, problem, ...(response.status === 401 ? { loggedOut: true } : {}) };
  } catch {
    return { problem: "The server cannot be reached." };
  }
}
