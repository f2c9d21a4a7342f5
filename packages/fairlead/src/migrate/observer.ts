/**
 * Program that is loaded into a tool's process: it reads along on the tool's sockets and prints what Postgres
 * refuses, with the statement (PostgreSQL documentation, "Message Formats": Query, Parse, ErrorResponse).
 * Some tools swallow that. It changes nothing that goes over the wire.
 */
const program = String.raw`
import net from "node:net";
const { emit, write } = net.Socket.prototype;
const statements = new WeakMap();
const text = (bytes, from) => {
  const end = bytes.indexOf(0, from);
  return end === -1 ? undefined : bytes.toString("utf8", from, end);
};
const asBuffer = (chunk) =>
  chunk instanceof Uint8Array ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : undefined;
net.Socket.prototype.write = function (chunk, ...rest) {
  const bytes = asBuffer(chunk);
  if (bytes?.[0] === 0x51) statements.set(this, text(bytes, 5));
  if (bytes?.[0] === 0x50) statements.set(this, text(bytes, bytes.indexOf(0, 5) + 1));
  return write.call(this, chunk, ...rest);
};
net.Socket.prototype.emit = function (event, ...values) {
  const bytes = event === "data" ? asBuffer(values[0]) : undefined;
  for (let at = 0; bytes !== undefined && at + 5 <= bytes.length; at += 1 + bytes.readUInt32BE(at + 1)) {
    if (bytes.readUInt32BE(at + 1) < 4) break;
    if (bytes[at] === 0x45) report(bytes, at + 5, statements.get(this));
  }
  return emit.call(this, event, ...values);
};
function report(bytes, start, statement) {
  const fields = {};
  for (let at = start; at < bytes.length && bytes[at] !== 0; ) {
    const value = text(bytes, at + 1);
    if (value === undefined) return;
    fields[String.fromCharCode(bytes[at])] = value;
    at += 2 + Buffer.byteLength(value);
  }
  if (fields.M === undefined || !/^[0-9A-Z]{5}$/.test(fields.C ?? "")) return;
  console.error("\nERROR: " + fields.M + "\ncode: '" + fields.C + "'");
  if (statement !== undefined) console.error("STATEMENT: " + statement.trim().replaceAll(/\s+/g, " "));
}
`;

/** Arguments of Node.js that make a tool's process say what Postgres refused. */
export function observerArguments(): string[] {
  return ["--import", `data:text/javascript;base64,${Buffer.from(program).toString("base64")}`];
}

/** The statement that was refused last, by the observer's word; blanks are folded. */
export function refusedStatement(output: string): string | undefined {
  return [...output.matchAll(/^STATEMENT: (\S.*)$/gm)].at(-1)?.[1];
}
