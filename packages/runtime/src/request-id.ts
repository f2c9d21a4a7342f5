import { randomUUID } from "node:crypto";

export const requestIdHeader = "x-request-id";

const ACCEPTED = /^[\w.:-]{8,128}$/;

/** The request's own id where it carries a harmless one, else a new one. */
export function requestIdOf(headers: Headers): string {
  const given = headers.get(requestIdHeader);
  return given !== null && ACCEPTED.test(given) ? given : randomUUID();
}
