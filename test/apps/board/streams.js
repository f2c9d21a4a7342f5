import pg from "pg";

/** Event streams of messages that resume by the last id a client has seen; one LISTEN connection per process. */
export function createStreams(connectionString, pool) {
  const open = new Set();
  let pumping = false;
  let again = false;

  async function pump() {
    if (pumping) {
      again = true;
      return;
    }
    pumping = true;
    do {
      again = false;
      await Promise.all([...open].map((stream) => deliver(stream)));
    } while (again);
    pumping = false;
  }

  async function deliver(stream) {
    try {
      const { rows } = await pool.query("select id, body from messages where id > $1 order by id", [
        stream.after,
      ]);
      for (const row of rows) {
        stream.response.write(`id: ${row.id}\ndata: ${row.body}\n\n`);
        stream.after = Number(row.id);
      }
    } catch (error) {
      console.error(`board: stream: ${error.message}`);
    }
  }

  async function listen() {
    const client = new pg.Client({ connectionString });
    const retry = () => setTimeout(listen, 300);
    client.on("error", () => undefined);
    client.on("end", retry);
    client.on("notification", pump);
    try {
      await client.connect();
      await client.query("listen messages");
      await pump();
    } catch {
      await client.end().catch(() => undefined);
    }
  }
  void listen();

  return {
    async open(request, response) {
      const { searchParams } = new URL(request.url, "http://board");
      const after = Number(request.headers["last-event-id"] ?? searchParams.get("after") ?? 0);
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      response.write("retry: 100\n\n");
      const stream = { response, after };
      await deliver(stream);
      open.add(stream);
      request.on("close", () => open.delete(stream));
      await pump();
    },
  };
}
