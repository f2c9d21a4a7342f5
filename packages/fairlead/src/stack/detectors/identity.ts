import { basename } from "node:path";

import type { Detector } from "../detector.ts";

/** Name (without a scope; the folder's where there is none) and version. */
export const identity: Detector = {
  name: "identity",
  detect: ({ directory, manifest, workspaces }) => ({
    name: (manifest.name ?? basename(directory)).replace(/^@[^/]+\//, ""),
    version: manifest.version ?? "0.0.0",
    workspaces,
  }),
};
