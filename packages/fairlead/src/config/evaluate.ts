import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { type Context, FairleadError, lastLines, messageOf, redact } from "../kernel/index.ts";

const timeoutMs = 20_000;
const marker = "fairlead-config:";

/**
 * Program of the child process: imports the file and writes its default export as base64 (plain text could
 * hold something that looks like a secret and would be blanked out on its way).
 */
const program = `
const { default: value } = await import(process.argv[1]);
const text = JSON.stringify(value, (_, item) =>
  typeof item === "function" ? "[function]" : typeof item === "bigint" ? String(item) : item) ?? "";
process.stdout.write("\\n${marker}" + Buffer.from(text).toString("base64") + "\\n", () => process.exit(0));
`;

/**
 * Evaluates a configuration file and gives its default export. It runs in a process of its own, so that it is
 * always fresh (with all that it imports), cannot hang or end ours, and needs no `"type": "module"` beside
 * it.
 * Errors: `config-unloadable` with file, line and message.
 */
export async function evaluateConfigFile(context: Context, file: string): Promise<unknown> {
  const quiet = ["ExperimentalWarning", "MODULE_TYPELESS_PACKAGE_JSON"].map(
    (name) => `--disable-warning=${name}`,
  );
  const argv = [
    process.execPath,
    ...quiet,
    "--input-type=module",
    "--eval",
    program,
    "--",
    pathToFileURL(file).href,
  ];
  const result = await context
    .exec(argv, { cwd: dirname(file), timeoutMs, env: { FORCE_COLOR: undefined, NO_COLOR: "1" } })
    .catch((error: unknown) => {
      if (error instanceof FairleadError && error.code !== "exec-timeout") throw error;
      throw unloadable(file, `${file} did not finish loading within ${String(timeoutMs / 1000)} s`, error);
    });
  const line = result.stdout.split("\n").findLast((text) => text.startsWith(marker));
  if (result.code !== 0 || line === undefined) throw loadingFailed(file, result.stderr);
  const text = Buffer.from(line.slice(marker.length), "base64").toString("utf8");
  if (text === "") throw unloadable(file, `${file} has no default export`);
  return JSON.parse(text) as unknown;
}

/**
 * Where and why Node.js gave up: an uncaught error is printed as `path:line`, the source line, `Error:
 * message`.
 */
function parseUncaughtError(stderr: string): { location?: string; message?: string; source?: string } {
  const lines = stderr.split("\n");
  const header = lines.findIndex((line) => /^(?:file:\/\/)?\/.*:\d+$/.test(line));
  const message = lines.map((line) => /^(?:\w*Error)(?: \[\w+\])?: (.+)$/.exec(line)?.[1]).find(Boolean);
  if (header === -1) return message === undefined ? {} : { message };
  const place = lines[header] ?? "";
  return {
    location: place.startsWith("file://") ? plainPath(place) : place,
    ...(message === undefined ? {} : { message }),
    ...sourceLine(lines.slice(header + 1)),
  };
}

function loadingFailed(file: string, stderr: string): FairleadError {
  const { location, message, source } = parseUncaughtError(stderr);
  const details = [source, message === undefined ? lastLines(stderr, 10).join("\n") : undefined];
  const place = location?.startsWith("/") === true ? location : file;
  return unloadable(file, `cannot load ${place}: ${message ?? "it threw something"}`, undefined, details);
}

function unloadable(
  file: string,
  message: string,
  cause?: unknown,
  details: (string | undefined)[] = [],
): FairleadError {
  return new FairleadError("config-unloadable", redact(message, []), {
    exit: "usage",
    hint: `Correct ${file}; its default export is the configuration: export default { … } satisfies Config;`,
    details: [...details, cause === undefined ? undefined : messageOf(cause)].filter(
      (text) => text !== undefined,
    ),
  });
}

function plainPath(place: string): string {
  const end = place.lastIndexOf(":");
  return fileURLToPath(place.slice(0, end)) + place.slice(end);
}

// The source lines shown end with the line of carets; more than a few means that there was none.
function sourceLine(lines: string[]): { source?: string } {
  const caret = lines.findIndex((line) => /^\s*\^+$/.test(line));
  if (caret < 1 || caret > 5) return {};
  const source = lines[caret - 1]?.trimEnd();
  return source === undefined ? {} : { source };
}
