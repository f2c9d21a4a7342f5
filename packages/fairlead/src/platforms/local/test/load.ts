import { Agent, request } from "node:http";

/** What an open-loop probe saw. */
export interface LoadReport {
  sent: number;
  answered: number;
  failures: string[];
  versions: Map<string, number>;
}

/**
 * Sends requests at a constant rate, whatever the answers do: new and keep-alive connections, GET, POST and slow ones in
 * turn. The result counts everything that was not a 200 with the right body.
 */
export function startLoad(
  origin: string,
  ratePerSecond: number,
  options: { keepAlive: boolean } = { keepAlive: true },
): { finish(): Promise<LoadReport> } {
  const report: LoadReport = { sent: 0, answered: 0, failures: [], versions: new Map() };
  const keepAlive = new Agent({ keepAlive: true, maxSockets: 20 });
  const open = new Set<Promise<void>>();
  const send = () => {
    report.sent += 1;
    const kind = report.sent % 5;
    const path = kind === 3 ? "/slow?ms=300" : kind === 4 ? "/echo" : "/";
    const body = kind === 4 ? `body ${String(report.sent)} ${"x".repeat(20_000)}` : undefined;
    const agent = options.keepAlive && kind % 2 === 0 ? keepAlive : undefined;
    const one = sendOne(`${origin}${path}`, agent, body).then(
      ({ version, text }) => {
        if (body !== undefined && text !== body)
          report.failures.push(`the body came back changed from ${version}`);
        else report.answered += 1;
        report.versions.set(version, (report.versions.get(version) ?? 0) + 1);
      },
      (error: unknown) => {
        report.failures.push(`${new Date().toISOString()} ${String(kind)}: ${String(error)}`);
      },
    );
    open.add(one);
    void one.then(() => open.delete(one));
  };
  const timer = setInterval(send, 1000 / ratePerSecond);
  return {
    async finish() {
      clearInterval(timer);
      await Promise.all(open);
      keepAlive.destroy();
      return report;
    },
  };
}

function sendOne(
  url: string,
  agent: Agent | undefined,
  body: string | undefined,
): Promise<{ version: string; text: string }> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? "GET" : "POST";
    const outgoing = request(url, { method, agent: agent ?? false, timeout: 20_000 }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode !== 200) reject(new Error(`status ${String(response.statusCode)}`));
        else resolve({ version: String(response.headers["x-version"]), text });
      });
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer within 20 s")));
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
