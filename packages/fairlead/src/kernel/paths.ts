import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where a project keeps its local state; a cache and the local platform's data, never the truth about an environment. */
export function stateDirectory(root: string): string {
  return join(root, ".fairlead");
}

/** An environment's name as one path segment: `preview/pr-7` → `preview-pr-7`. */
export function environmentSlug(environment: string): string {
  return environment.replaceAll(/[^a-z0-9-]+/gi, "-");
}

/**
 * The folder of a project's control sockets (mode 0700). It lies in the temporary folder because a socket's path
 * may have 107 bytes at the most (unix(7)), and a project may lie deeper than that.
 */
export function socketDirectory(root: string): string {
  const uid = process.getuid?.() ?? 0;
  const hash = createHash("sha256").update(root).digest("hex").slice(0, 12);
  const directory = join(tmpdir(), `fairlead-${String(uid)}-${hash}`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}
