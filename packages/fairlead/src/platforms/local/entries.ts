import { existsSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

import { FairleadError } from "../../kernel/index.ts";

/** The three programs of the platform that run in processes of their own. */
const entries = {
  host: ["./host/entry.ts", "./platform-host.js"],
  agent: ["./agent/entry.ts", "./platform-agent.js"],
  forwarder: ["./forwarder/entry.ts", "./platform-forwarder.js"],
} as const;

/**
 * The path of a program: the source beside this file, or the bundled `platform-<name>.js` beside (or one folder above)
 * the bundle that this file became a part of.
 */
export function entryPath(name: keyof typeof entries): string {
  const [source, bundled] = entries[name];
  const isSource = import.meta.url.endsWith(".ts");
  const candidates = isSource ? [source] : [bundled, `.${bundled}`];
  for (const candidate of candidates) {
    const path = fileURLToPath(new URL(candidate, import.meta.url));
    if (existsSync(path)) return path;
  }
  throw new FairleadError("installation-broken", `the program ${bundled} of fairlead is missing`, {
    exit: "environment",
    hint: "Install fairlead again.",
  });
}

/** The same as a URL, for `--import`. */
export function entryUrl(name: keyof typeof entries): string {
  return pathToFileURL(entryPath(name)).href;
}
