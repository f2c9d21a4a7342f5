import { writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";

import {
  type Context,
  identifyProcess,
  isRunning,
  type ProcessIdentity,
  readJson,
  waitForExit,
} from "../kernel/index.ts";
import { releasesDirectory } from "./release.ts";

const exitTimeoutMs = 5000;

/** Notes which process builds, for the case that we are killed while it goes on. */
export function noteBuildProcess(root: string, pid: number): void {
  const identity = identifyProcess(pid);
  if (identity !== undefined) writeFileSync(noteOf(root), JSON.stringify(identity));
}

/** Ends a build command that outlived a killed build, with its children, and forgets it; only for who holds the build lock. */
export async function endBuildProcess(context: Context, root: string): Promise<void> {
  const identity = await readJson<ProcessIdentity>(noteOf(root)).catch(() => undefined);
  // `exec` gives each process a group of its own, which has its pid.
  if (identity?.startedTicks !== undefined && isRunning(identity)) {
    process.kill(-identity.pid, "SIGKILL");
    await waitForExit(context.clock, identity, exitTimeoutMs);
  }
  await rm(noteOf(root), { force: true });
}

function noteOf(root: string): string {
  return join(releasesDirectory(root), ".build-process");
}
