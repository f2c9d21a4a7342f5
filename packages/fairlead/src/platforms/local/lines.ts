import type { Socket } from "node:net";
import { StringDecoder } from "node:string_decoder";

/** Longest line accepted from a peer; a longer one ends the connection. */
const maximalLineLength = 4_000_000;

/**
 * Calls `onMessage` with each JSON value a peer sends, one per line (NDJSON). A line that is not JSON, or is too long,
 * ends the connection. The connection's `error` event is consumed: `close` follows it.
 */
export function readLines(socket: Socket, onMessage: (message: unknown) => void): void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  socket.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => {
    const parts = (rest + decoder.write(chunk)).split("\n");
    rest = parts.pop() ?? "";
    if (rest.length > maximalLineLength) socket.destroy();
    for (const part of parts) {
      const message = parseLine(part);
      if (message === undefined) {
        socket.destroy();
        return;
      }
      onMessage(message);
    }
  });
}

/** Sends one JSON value as a line; false when the connection is gone. */
export function writeLine(socket: Socket, message: unknown): boolean {
  if (socket.destroyed || !socket.writable) return false;
  socket.write(`${JSON.stringify(message)}\n`);
  return true;
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
