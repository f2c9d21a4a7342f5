const ORIGIN = "http://quayside.test";

type Handler = (request: Request, context: { params: Promise<Record<string, string>> }) => Promise<Response>;

export interface CallOptions {
  cookie?: string;
  parameters?: Record<string, string>;
  query?: string;
  headers?: Record<string, string>;
  /** Sent as a browser sends a form. */
  form?: Record<string, string>;
  json?: unknown;
  signal?: AbortSignal;
}

/** Calls a route handler as Next.js does, with a request as a program makes it. */
export async function call(handler: Handler, options: CallOptions = {}): Promise<Response> {
  const headers = new Headers({
    host: new URL(ORIGIN).host,
    ...options.headers,
  });
  if (options.cookie !== undefined) headers.set("cookie", options.cookie);
  let body: string | undefined;
  if (options.form !== undefined) {
    body = new URLSearchParams(options.form).toString();
    headers.set("content-type", "application/x-www-form-urlencoded");
  }
  if (options.json !== undefined) {
    body = JSON.stringify(options.json);
    headers.set("content-type", "application/json");
  }
  const request = new Request(`${ORIGIN}/?${options.query ?? ""}`, {
    method: body === undefined ? "GET" : "POST",
    headers,
    ...(body === undefined ? {} : { body }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  return handler(request, { params: Promise.resolve(options.parameters ?? {}) });
}

/** The cookies that an answer sets, as a `Cookie` header. */
export function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((line) => line.split(";")[0] ?? "")
    .join("; ");
}

/** Reads events of a stream until `enough` says so; fails after ten seconds without. */
export async function readEvents(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  enough: (events: StreamedEvent[]) => boolean,
): Promise<StreamedEvent[]> {
  const events: StreamedEvent[] = [];
  const deadline = setTimeout(() => void reader.cancel("no more events came"), 10_000);
  let text = "";
  while (!enough(events)) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`the stream ended after ${JSON.stringify(events)}`);
    text += Buffer.from(value).toString();
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    events.push(...blocks.map(parseBlock).filter((event) => event !== undefined));
  }
  clearTimeout(deadline);
  return events;
}

export interface StreamedEvent {
  event: string;
  id: string | undefined;
  data: Record<string, unknown>;
}

function parseBlock(block: string): StreamedEvent | undefined {
  const fields = new Map(
    block
      .split("\n")
      .filter((line) => !line.startsWith(":"))
      .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)] as const),
  );
  const data = fields.get("data");
  if (data === undefined) return undefined;
  return {
    event: fields.get("event") ?? "message",
    id: fields.get("id"),
    data: JSON.parse(data) as Record<string, unknown>,
  };
}
