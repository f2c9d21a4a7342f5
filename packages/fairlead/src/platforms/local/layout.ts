import { createHash } from "node:crypto";
import { join } from "node:path";

import { environmentSlug, socketDirectory, stateDirectory } from "../../kernel/index.ts";

/** Where everything of one environment lies. */
export interface Layout {
  environment: string;
  directory: string;
  controlSocket: string;
  stateFile: string;
  hostConfigFile: string;
  hostLockFile: string;
  hostLogFile: string;
  successorLockFile: string;
  successorHistoryFile: string;
  logDirectory: string;
}

/** The files of an environment of the project in `root`. */
export function layoutOf(root: string, environment: string): Layout {
  const slug = environmentSlug(environment);
  const directory = join(stateDirectory(root), "platform", slug);
  return {
    environment,
    directory,
    controlSocket: join(socketDirectory(root), `${shorten(slug)}.sock`),
    stateFile: join(directory, "state.json"),
    hostConfigFile: join(directory, "host.json"),
    hostLockFile: join(directory, "host.lock"),
    hostLogFile: join(directory, "host.log"),
    successorLockFile: join(directory, "successor.lock"),
    successorHistoryFile: join(directory, "successors.json"),
    logDirectory: join(directory, "logs"),
  };
}

/** The log that all processes of a deployment append to. */
export function deploymentLog(layout: Layout, deploymentId: string): string {
  return join(layout.logDirectory, `${fileName(deploymentId)}.log`);
}

/** The variables of a deployment, readable by the user alone. */
export function variablesFile(layout: Layout, deploymentId: string): string {
  return join(layout.directory, "variables", `${fileName(deploymentId)}.json`);
}

function fileName(id: string): string {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,80}$/.test(id) ? id : createHash("sha256").update(id).digest("hex");
}

// A long name is cut, but stays unique: a socket's path may have 107 bytes.
function shorten(slug: string): string {
  if (slug.length <= 24) return slug;
  return `${slug.slice(0, 15)}-${createHash("sha256").update(slug).digest("hex").slice(0, 8)}`;
}
