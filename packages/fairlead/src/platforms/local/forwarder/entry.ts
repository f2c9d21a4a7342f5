// The process of an application that is not Node.js: runs its command as a child on a private port and passes the bytes
// of public connections to it. To the host it looks like any application process.
import { spawn } from "node:child_process";
import { connect, createServer } from "node:net";
import { constants } from "node:os";

import { startAgent } from "../agent/agent.ts";
import type { OpenListener } from "../agent/listeners.ts";
import { type AgentTask, agentVariable } from "../protocol.ts";

const text = process.env[agentVariable];
if (text === undefined) throw new Error(`${agentVariable} is not set: this is started by the host only`);
Reflect.deleteProperty(process.env, agentVariable);
const task = JSON.parse(text) as AgentTask;
const [program, ...args] = task.command ?? [];
if (program === undefined) throw new Error("there is no command to run");

const port = await findFreePort();
const child = spawn(program, args, {
  stdio: ["ignore", "inherit", "inherit"],
  env: { ...process.env, PORT: String(port) },
});
child.on("error", (error) => {
  process.stderr.write(`cannot start ${program}: ${error.message}\n`);
  process.exit(127);
});
child.on("exit", (code, signal) => {
  process.exit(code ?? 128 + constants.signals[signal ?? "SIGKILL"]);
});
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  process.on(signal, () => child.kill(signal));
}

const listeners = new Set<OpenListener>();
const agent = startAgent(task, listeners);
const timer = setInterval(() => {
  const probe = connect({ port, host: "127.0.0.1" });
  probe.on("error", () => undefined);
  probe.on("connect", () => {
    probe.destroy();
    if (listeners.size > 0) return;
    clearInterval(timer);
    listeners.add({
      server: createServer(),
      declaredPort: task.publicPort,
      port,
      protocol: "relay",
      openedAtMs: performance.now(),
      detached: true,
    });
    agent.report();
  });
}, 50);

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port: 0, host: "127.0.0.1" }, resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("there is no free port");
  return address.port;
}
