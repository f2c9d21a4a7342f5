// The application behind every contender: it does next to nothing, so that what stands in front of it shows.
import cluster from "node:cluster";
import { createServer } from "node:http";

const processes = Number(process.env["BENCH_PROCESSES"] ?? 1);
const answer = Buffer.from(JSON.stringify({ application: "fairlead-bench", text: "x".repeat(960) }));
const headers = { "content-type": "application/json", "content-length": answer.length };

if (processes > 1 && cluster.isPrimary) {
  for (let index = 0; index < processes; index += 1) cluster.fork();
} else {
  const server = createServer((_request, response) => {
    response.writeHead(200, headers).end(answer);
  });
  // Longer than any proxy in front keeps a connection, so that none ends while a request is on its way.
  server.keepAliveTimeout = 120_000;
  server.listen(Number(process.env["PORT"]), process.env["HOSTNAME"]);
}
