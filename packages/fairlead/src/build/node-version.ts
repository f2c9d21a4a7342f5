import { satisfies, validRange } from "semver";

import type { Problem } from "../kernel/index.ts";

/**
 * Says when the Node.js that runs us is not one the application asks for; a range that cannot be read, such as `lts/*`,
 * is left alone.
 */
export function checkNodeVersion(wanted: string | undefined, running: string): Problem | undefined {
  const range = wanted === undefined ? null : validRange(wanted.trim());
  if (range === null || satisfies(running, range, { includePrerelease: true })) return undefined;
  return {
    where: "Node.js",
    message: `${running} would run the release, the application asks for ${wanted ?? ""}`,
    remedy: "start fairlead with that version, or widen engines.node",
  };
}
