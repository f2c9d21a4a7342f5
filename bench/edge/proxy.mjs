// A reverse proxy as one writes it with node:http.
import cluster from "node:cluster";
import { Agent, createServer, request } from "node:http";

const processes = Number(process.env["BENCH_PROCESSES"] ?? 1);
const target = { host: "127.0.0.1", port: Number(process.env["BENCH_APP_PORT"]) };

if (processes > 1 && cluster.isPrimary) {
  for (let index = 0; index < processes; index += 1) cluster.fork();
} else {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const upstream = request({ ...target, agent, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    upstream.on("error", () => {
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(502).end();
    });
    incoming.pipe(upstream);
  }).listen(Number(process.env["PORT"]), "127.0.0.1");
}
