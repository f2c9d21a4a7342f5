export interface Writer {
  stop(): Promise<{ last: number; failed: number }>;
}

/** Posts messages at a constant rate (per second), each once; gives the last id and how many were not accepted. */
export function startWriter(url: string, rate: number, headers: Record<string, string> = {}): Writer {
  const prefix = `${String(process.pid)}-${String(Date.now())}`;
  const posts: Promise<void>[] = [];
  let last = 0;
  let failed = 0;

  async function post(index: number): Promise<void> {
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify({ body: `message ${String(index)}`, key: `${prefix}-${String(index)}` }),
      });
      if (!response.ok) throw new Error(`status ${String(response.status)}`);
      const answer = (await response.json()) as { id?: number; message?: { id: number } };
      last = Math.max(last, answer.id ?? answer.message?.id ?? 0);
    } catch {
      failed += 1;
    }
  }
  const timer = setInterval(() => {
    posts.push(post(posts.length));
  }, 1000 / rate);

  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(posts);
      return { last, failed };
    },
  };
}
