/** More than any form or message of ours; what is longer is not read. */
const MAX_BODY_BYTES = 64 * 1024;

/** Reads a body as text; `undefined` when it is too long. */
export async function readBody(request: Request): Promise<string | undefined> {
  if (request.body === null) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Reads a body of JSON; `undefined` for anything else. */
export async function readJson(request: Request): Promise<unknown> {
  // Another site's form cannot send this type, so this is one more lock on the door.
  if (!/^application\/json\b/i.test(request.headers.get("content-type") ?? "")) return undefined;
  const text = await readBody(request);
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
