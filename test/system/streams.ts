import { get, type IncomingMessage } from "node:http";

export interface Streams {
  /** Waits until every stream has seen the id, at the most so long. */
  waitFor(id: number, timeoutMs: number): Promise<boolean>;
  stop(): { lost: number; doubled: number; reconnects: number; received: number };
}

const reconnectMs = 100;

/** Opens event streams that resume by their last id, and counts what each of them misses or sees twice; ids rise by one. */
export function openStreams(url: string, count: number, headers: Record<string, string> = {}): Streams {
  const streams = Array.from({ length: count }, () => ({
    last: 0,
    lost: 0,
    doubled: 0,
    received: 0,
    reconnects: 0,
    response: undefined as IncomingMessage | undefined,
  }));
  let stopped = false;

  function take(stream: (typeof streams)[number], id: number): void {
    stream.received += 1;
    if (id <= stream.last) stream.doubled += 1;
    else {
      stream.lost += id - stream.last - 1;
      stream.last = id;
    }
  }

  function connect(stream: (typeof streams)[number]): void {
    if (stopped) return;
    let ended = false;
    const again = () => {
      if (ended || stopped) return;
      ended = true;
      stream.reconnects += 1;
      setTimeout(() => {
        connect(stream);
      }, reconnectMs);
    };
    const outgoing = get(
      url,
      { headers: { ...headers, "last-event-id": String(stream.last) }, agent: false },
      (response) => {
        stream.response = response;
        let rest = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          rest += chunk;
          const events = rest.split("\n\n");
          rest = events.pop() ?? "";
          for (const event of events) {
            const id = /^id: (\d+)$/m.exec(event)?.[1];
            const isMessage = !/^event: (?!message$)/m.test(event);
            if (id !== undefined && isMessage) take(stream, Number(id));
          }
        });
        response.on("error", () => undefined).on("close", again);
      },
    );
    outgoing.on("error", again);
  }
  for (const stream of streams) connect(stream);

  return {
    async waitFor(id, timeoutMs) {
      const deadline = Date.now() + timeoutMs;
      while (Date.now() < deadline) {
        if (streams.every((stream) => stream.last >= id)) return true;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return false;
    },
    stop() {
      stopped = true;
      for (const stream of streams) stream.response?.destroy();
      const sum = (pick: (stream: (typeof streams)[number]) => number) =>
        streams.reduce((total, stream) => total + pick(stream), 0);
      return {
        lost: sum((stream) => stream.lost),
        doubled: sum((stream) => stream.doubled),
        reconnects: sum((stream) => stream.reconnects),
        received: sum((stream) => stream.received),
      };
    },
  };
}
