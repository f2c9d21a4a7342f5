import { cancelled, codeOf, type Context, formatDuration, messageOf } from "../kernel/index.ts";

/** What one request came to; a connection that failed is a value, as is every status. */
export interface Answer {
  /** Where the last redirect that was followed led. */
  url: URL;
  status?: number;
  contentType: string;
  /** The body as text as far as it was read. */
  text: string;
  durationMs: number;
  /** Why there is no complete answer. */
  failure?: string;
  /** What is odd about an answer that came: a redirect that was not followed. */
  remark?: string;
}

export interface RequestOptions {
  url: URL;
  method: string;
  timeoutMs: number;
  /** Follow redirects within the origin. */
  follow: boolean;
  /** Whose body is read: all, HTML pages only. */
  read: "all" | "pages";
  /** Until this moment a refused connection is tried again, in milliseconds since the epoch. */
  refusedUntil?: number;
}

const maximumBytes = 2_000_000;
const maximumRedirects = 5;
const refusedPauseMs = 50;
// One connection per request: one kept open may be closed by the server just as the next request goes out.
const requestHeaders = {
  "user-agent": "fairlead-smoke",
  accept: "text/html,application/json;q=0.9,*/*;q=0.8",
  connection: "close",
};

/**
 * Makes one request to a deployment, with redirects inside its origin, within one time limit.
 * Reads at most 2 MB; an event stream or a download counts as answered once its head is there. Errors: `cancelled`.
 */
export async function request(context: Context, options: RequestOptions): Promise<Answer> {
  const startedAt = performance.now();
  const limit = AbortSignal.timeout(options.timeoutMs);
  const state = { url: options.url, method: options.method, contentType: "", text: "" };
  const settle = (more: Partial<Answer>): Answer => {
    const { url, contentType, text } = state;
    return { url, contentType, text, durationMs: performance.now() - startedAt, ...more };
  };
  let status: number | undefined;
  try {
    for (let redirects = 0; ; redirects += 1) {
      const response = await fetchOnce(context, options, state, limit);
      status = response.status;
      const target = options.follow ? redirectTarget(response, state.url) : undefined;
      if (target === undefined || !isSameOrigin(target, options.url)) {
        await readBody(response, state, options.read);
        const away = target === undefined ? {} : { remark: `redirects to ${target.origin}` };
        return settle({ status, ...away });
      }
      await response.body?.cancel();
      if (redirects === maximumRedirects) {
        return settle({ status, remark: `more than ${String(maximumRedirects)} redirects` });
      }
      if (status === 303 || (status < 303 && state.method === "POST")) state.method = "GET";
      state.url = onOrigin(target, options.url);
    }
  } catch (error) {
    if (context.signal.aborted) throw cancelled();
    const failure = limit.aborted
      ? `no complete answer within ${formatDuration(options.timeoutMs)}`
      : describe(error);
    return settle({ failure, ...(status === undefined ? {} : { status }) });
  }
}

async function fetchOnce(
  context: Context,
  options: RequestOptions,
  state: { url: URL; method: string },
  limit: AbortSignal,
): Promise<Response> {
  for (;;) {
    try {
      return await context.fetch(state.url, {
        method: state.method,
        redirect: "manual",
        headers: requestHeaders,
        signal: AbortSignal.any([context.signal, limit]),
      });
    } catch (error) {
      const refused = failureCode(error) === "ECONNREFUSED";
      if (!refused || context.clock.now() >= (options.refusedUntil ?? 0)) throw error;
      await context.clock.sleep(refusedPauseMs, context.signal);
    }
  }
}

function redirectTarget(response: Response, base: URL): URL | undefined {
  if (response.status < 300 || response.status > 399) return undefined;
  const location = response.headers.get("location");
  return location !== null && URL.canParse(location, base.href) ? new URL(location, base) : undefined;
}

async function readBody(
  response: Response,
  state: { contentType: string; text: string },
  read: "all" | "pages",
): Promise<void> {
  state.contentType = response.headers.get("content-type") ?? "";
  const wanted = isPage(state.contentType) || (read === "all" && !isStream(state.contentType));
  if (!wanted) {
    await response.body?.cancel();
    return;
  }
  if (response.body === null) return;
  const decoder = new TextDecoder();
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    state.text += decoder.decode(value, { stream: true });
    bytes += value.byteLength;
    if (bytes >= maximumBytes) {
      await reader.cancel();
      return;
    }
  }
}

/** True for an answer below 400 that came whole. */
export function isHealthy(answer: Answer): boolean {
  return answer.failure === undefined && answer.status !== undefined && answer.status < 400;
}

/** What is wrong with an answer, in a few words. */
export function failureOf(answer: Answer): string {
  return answer.failure ?? `status ${String(answer.status)}`;
}

/** True for an HTML document. */
export function isPage(contentType: string): boolean {
  return /^\s*(text\/html|application\/xhtml\+xml)/i.test(contentType);
}

function isStream(contentType: string): boolean {
  return /^\s*(text\/event-stream|multipart\/x-mixed-replace)/i.test(contentType);
}

/** True when a URL leads to the same deployment: the same origin, or another loopback name with the same port. */
export function isSameOrigin(url: URL, origin: URL): boolean {
  if (url.origin === origin.origin) return true;
  return (
    url.protocol === origin.protocol && url.port === origin.port && isLoopback(url) && isLoopback(origin)
  );
}

/** The URL on the address that is probed, so that `localhost` and `127.0.0.1` are not two pages. */
export function onOrigin(url: URL, origin: URL): URL {
  return new URL(`${url.pathname}${url.search}`, origin);
}

function isLoopback(url: URL): boolean {
  return ["localhost", "[::1]", "0.0.0.0"].includes(url.hostname) || url.hostname.startsWith("127.");
}

// fetch gives a TypeError "fetch failed" whose cause is the system's error.
function failureCode(error: unknown): string | undefined {
  return error instanceof Error ? (codeOf(error.cause) ?? codeOf(error)) : undefined;
}

function describe(error: unknown): string {
  const code = failureCode(error);
  if (code === "ECONNREFUSED") return "connection refused";
  if (code === "ECONNRESET" || code === "EPIPE") return "connection reset";
  if (code === "UND_ERR_SOCKET") return "connection closed before the answer was complete";
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return messageOf(cause);
}
