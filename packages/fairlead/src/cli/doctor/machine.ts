import { access, constants, statfs } from "node:fs/promises";

import { codeOf, type Context, messageOf, stateDirectory } from "../../kernel/index.ts";
import type { Check, Finding } from "./finding.ts";
import { firstLine } from "./finding.ts";

const gibibyte = 1024 ** 3;

/** Checks that hold for every project in that folder. */
export function machineChecks(context: Context, root: string): Record<string, Check> {
  return {
    "Node.js": () => Promise.resolve({ name: "Node.js", state: "ok", message: process.versions.node }),
    npm: () => checkNpm(context),
    Docker: () => checkDocker(context),
    pg_dump: () => checkDump(context),
    disk: () => checkDisk(root),
    "state folder": () => checkStateDirectory(root),
  };
}

async function checkNpm(context: Context): Promise<Finding> {
  const version = await firstLine(context, ["npm", "--version"]);
  if (version !== undefined) return { name: "npm", state: "ok", message: version };
  const remedy = "put npm, which comes with Node.js, on the PATH";
  return { name: "npm", state: "warn", message: "does not run; builds and downloads may need it", remedy };
}

async function checkDocker(context: Context): Promise<Finding> {
  const name = "Docker";
  const client = await firstLine(context, ["docker", "--version"]);
  if (client === undefined) {
    const remedy = "https://docs.docker.com/engine/install, where you want it";
    return { name, state: "note", message: "is not installed; nothing needs it", remedy };
  }
  const server = await firstLine(context, ["docker", "version", "--format", "{{.Server.Version}}"]);
  if (server !== undefined) return { name, state: "ok", message: `engine ${server}` };
  const remedy = "start its service, and let this user use it";
  return { name, state: "note", message: "its engine does not answer; nothing needs it", remedy };
}

async function checkDump(context: Context): Promise<Finding> {
  const version = await firstLine(context, ["pg_dump", "--version"]);
  if (version !== undefined) return { name: "pg_dump", state: "ok", message: version };
  const remedy = "install PostgreSQL's client programs (postgresql-client, libpq), where you want dumps";
  return { name: "pg_dump", state: "note", message: "is not installed; nothing needs it", remedy };
}

async function checkDisk(root: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(root);
  const free = bavail * bsize;
  const message = `${(free / gibibyte).toFixed(1)} GiB free`;
  const state = free < gibibyte / 2 ? "fail" : free < 3 * gibibyte ? "warn" : "ok";
  if (state === "ok") return { name: "disk", state, message };
  return { name: "disk", state, message, remedy: `make room for releases and databases below ${root}` };
}

async function checkStateDirectory(root: string): Promise<Finding> {
  const name = "state folder";
  const directory = stateDirectory(root);
  for (const path of [directory, root]) {
    try {
      await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
      return { name, state: "ok", message: directory };
    } catch (error) {
      // Not there yet: then it must be possible to make it.
      if (codeOf(error) === "ENOENT" && path === directory) continue;
      const remedy = `let this user (${process.env["USER"] ?? String(process.getuid?.() ?? "?")}) write to ${path}`;
      return { name, state: "fail", message: `cannot be written: ${messageOf(error)}`, remedy };
    }
  }
  return { name, state: "fail", message: `${root} does not exist` };
}
