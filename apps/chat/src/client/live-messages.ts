import type { Message } from "../server/messages.ts";

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15_000;
/** A tab that nobody looks at gives its connection back: browsers allow six per site. */
const HIDDEN_PATIENCE_MS = 60_000;

export interface LiveEvents {
  onMessages(messages: Message[]): void;
  onDetails(details: { title: string; memberCount: number }): void;
  onConnection(state: "live" | "interrupted"): void;
  onReset(head: number): void;
  onGone(): void;
  onLoggedOut(): void;
}

/**
 * Follows a session's stream until it is stopped, and comes back after every interruption.
 * The browser itself reconnects after a clean end; after an answer that is no stream (a restart) it gives up,
 * so that is done here, with a pause that doubles from 1 s up to 15 s.
 */
export function followMessages(sessionId: string, lastId: () => number, events: LiveEvents): () => void {
  const path = `/api/sessions/${sessionId}`;
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pauseMs = FIRST_PAUSE_MS;
  let stopped = false;

  const close = (): void => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };
  const stop = (): void => {
    stopped = true;
    close();
    document.removeEventListener("visibilitychange", onVisibility);
  };
  const open = (): void => {
    close();
    if (stopped) return;
    source = new EventSource(`${path}/stream?after=${String(lastId())}`);
    listen(source, events, stop);
    source.addEventListener("open", () => {
      pauseMs = FIRST_PAUSE_MS;
      events.onConnection("live");
    });
    source.addEventListener("error", () => {
      events.onConnection("interrupted");
      if (source?.readyState === EventSource.CLOSED) void comeBack();
    });
  };
  const comeBack = async (): Promise<void> => {
    const status = await fetch(path).then(
      (response) => response.status,
      () => 0,
    );
    if (stopped) return;
    if (status === 401 || status === 404) {
      stop();
      if (status === 401) events.onLoggedOut();
      else events.onGone();
      return;
    }
    timer = setTimeout(open, pauseMs);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  };
  const onVisibility = (): void => {
    clearTimeout(timer);
    if (document.visibilityState === "hidden") timer = setTimeout(close, HIDDEN_PATIENCE_MS);
    else if (source?.readyState !== EventSource.OPEN) open();
  };

  document.addEventListener("visibilitychange", onVisibility);
  open();
  return stop;
}

function listen(source: EventSource, events: LiveEvents, stop: () => void): void {
  source.addEventListener("message", ({ data }) => {
    events.onMessages([JSON.parse(String(data)) as Message]);
  });
  source.addEventListener("session", ({ data }) => {
    events.onDetails(JSON.parse(String(data)) as { title: string; memberCount: number });
  });
  source.addEventListener("reset", ({ data }) => {
    events.onReset((JSON.parse(String(data)) as { head: number }).head);
  });
  source.addEventListener("gone", () => {
    stop();
    events.onGone();
  });
}
