import { createServer } from "node:http";

import pg from "pg";

import { behaviour, revision } from "./behaviour.js";
import { createStreams } from "./streams.js";

if (behaviour === "exit-at-start") {
  console.error("board: refusing to start, as the test wants");
  process.exit(7);
}

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4 });
pool.on("error", (error) => console.error(`board: idle connection: ${error.message}`));
const streams = createStreams(process.env.DATABASE_URL, pool);
const startedAt = Date.now();

async function readBody(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}

function send(response, status, body, type = "application/json") {
  const text = type === "application/json" ? JSON.stringify(body) : body;
  response.writeHead(status, { "content-type": type }).end(text);
}

// The counter's row lock makes ids visible in their order: who has seen 7 will never find a later-committed 6.
async function post(body, key) {
  const client = await pool.connect();
  try {
    await client.query("begin");
    const known = await client.query("select id from messages where key = $1", [key]);
    if (known.rowCount > 0) {
      await client.query("rollback");
      return Number(known.rows[0].id);
    }
    const { rows } = await client.query("update counter set value = value + 1 returning value");
    await client.query("insert into messages (id, body, key) values ($1, $2, $3)", [
      rows[0].value,
      body,
      key,
    ]);
    await client.query("select pg_notify('messages', $1)", [String(rows[0].value)]);
    await client.query("commit");
    return Number(rows[0].value);
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

const routes = {
  "GET /health": (_request, response) => {
    const ill = behaviour === "never-healthy" || (behaviour === "ill-later" && Date.now() - startedAt > 1200);
    send(response, ill ? 503 : 200, { revision, release: process.env.FAIRLEAD_RELEASE });
  },
  "GET /": (_request, response) => {
    if (behaviour === "broken-page") throw new Error("the page is broken, as the test wants");
    const page = `<!doctype html><title>board</title><h1>revision ${revision}</h1><a href="/about">about</a>`;
    send(response, 200, page, "text/html");
  },
  "GET /about": (_request, response) => send(response, 200, "<!doctype html><p>about</p>", "text/html"),
  "GET /work": async (_request, response) => {
    if (behaviour === "errors") return send(response, 500, { error: "as the test wants" });
    if (behaviour === "slow") await new Promise((resolve) => setTimeout(resolve, 900));
    return send(response, 200, { revision, pid: process.pid });
  },
  "POST /echo": async (request, response) => send(response, 200, await readBody(request), "text/plain"),
  "POST /messages": async (request, response) => {
    const { body, key } = JSON.parse(await readBody(request));
    send(response, 200, { id: await post(body, key) });
  },
  "GET /stream": (request, response) => streams.open(request, response),
};

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://board");
  const route = routes[`${request.method} ${pathname}`];
  if (route === undefined) return send(response, 404, { error: "no such page" });
  return Promise.resolve()
    .then(() => route(request, response))
    .catch((error) => {
      console.error(error.stack);
      if (!response.headersSent) send(response, 500, { error: error.message });
    });
});

const port = behaviour === "wrong-port" ? undefined : Number(process.env.PORT ?? 3000);
if (port !== undefined) {
  server.listen(port, () => console.log(`board revision ${revision} listens on ${port}`));
} else {
  setInterval(() => undefined, 1000);
}
if (behaviour === "exit-later") setTimeout(() => process.exit(9), 4000);
