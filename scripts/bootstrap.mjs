// `npm start` and `npm test`: plain JavaScript for any Node.js from 20 on, as it runs before anything is installed.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { findNode, installMissing } from "./installation.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [task, ...args] = process.argv.slice(2);

/**
 * Runs a program with this terminal to its end and gives its exit code; signals reach it once.
 * @param {[program: string, ...args: string[]]} argv
 * @returns {Promise<number>}
 */
function run([program, ...rest], cwd = root) {
  const path = [join(root, "node_modules", ".bin"), process.env["PATH"]].join(delimiter);
  const child = spawn(program, rest, { cwd, stdio: "inherit", env: { ...process.env, PATH: path } });
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => {
    // A terminal's Ctrl-C goes to every process of the group, so the child has it already.
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  };
  /** @type {NodeJS.Signals[]} */
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      for (const name of signals) process.off(name, forward);
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

async function start() {
  return run([findNode(root), join(root, "packages/fairlead/bin/fairlead.js"), "up", "--journey", ...args]);
}

async function test() {
  /** @type {[string, ...string[]]} */
  const vitest = [findNode(root), join(root, "node_modules/vitest/vitest.mjs"), "run"];
  const ours = await run([...vitest, "--project", "unit", ...args]);
  if (args.length > 0) return ours;
  /** @type {number[]} */
  const chat = [];
  for (const project of ["unit", "integration"]) {
    chat.push(await run([...vitest, "--project", project], join(root, "apps/chat")));
  }
  return Math.max(ours, ...chat);
}

/** @type {Record<string, () => number | Promise<number>>} */
const tasks = { install: () => 0, start, test };
const chosen = tasks[task ?? ""];
if (chosen === undefined) {
  process.stderr.write(`usage: node scripts/bootstrap.mjs ${Object.keys(tasks).join("|")}\n`);
  process.exitCode = 2;
} else {
  process.exitCode = installMissing(root) || (await chosen());
}
