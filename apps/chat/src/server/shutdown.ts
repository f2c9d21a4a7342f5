import { processWide } from "./process-wide.ts";

/** What ends by itself only on request: a stream that is open would keep a server from ending. */
function endings(): Set<() => void> {
  return processWide("endings", () => new Set());
}

/** Asks for a call when the server is told to end; gives the function that takes this back. */
export function onShutdown(end: () => void): () => void {
  endings().add(end);
  return () => {
    endings().delete(end);
  };
}

/** Ends what is open on SIGTERM and SIGINT; closing the server itself is left to Next.js. */
export function watchShutdown(): void {
  const endAll = (): void => {
    for (const end of endings()) end();
  };
  process.once("SIGTERM", endAll);
  process.once("SIGINT", endAll);
}
