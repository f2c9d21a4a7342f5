// Loaded with `--import` into an application's own process, before the application. Does nothing in its workers and
// child processes: the variable is gone by then.
import { isMainThread } from "node:worker_threads";

import { type AgentTask, agentVariable } from "../protocol.ts";
import { startAgent } from "./agent.ts";
import { divertListeners } from "./listeners.ts";

const text = process.env[agentVariable];
if (text !== undefined && isMainThread) {
  Reflect.deleteProperty(process.env, agentVariable);
  const task = JSON.parse(text) as AgentTask;
  const listeners = divertListeners(() => {
    agent.report();
  });
  const agent = startAgent(task, listeners);
}
