/** One event of an event stream (WHATWG HTML, server-sent events). */
export interface StreamEvent {
  event?: string;
  id?: number;
  data: unknown;
}

/** Writes events in the format of an event stream; data as one line of JSON. */
export function formatEvents(events: readonly StreamEvent[]): string {
  return events.map(formatEvent).join("");
}

/** A comment keeps proxies from ending a silent stream and finds clients that are gone. */
export const heartbeat = ": still here\n\n";

/** Tells the client how long to wait before it comes again. */
export function formatRetry(delayMs: number): string {
  return `retry: ${String(delayMs)}\n\n`;
}

function formatEvent({ event, id, data }: StreamEvent): string {
  const lines = [];
  if (event !== undefined) lines.push(`event: ${event}`);
  if (id !== undefined) lines.push(`id: ${String(id)}`);
  lines.push(`data: ${JSON.stringify(data)}`);
  return `${lines.join("\n")}\n\n`;
}
