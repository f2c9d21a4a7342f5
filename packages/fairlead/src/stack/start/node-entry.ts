import { normalize } from "node:path";

import type { StartCommand } from "../port.ts";
import type { Survey } from "../survey.ts";

type NodeStart = Extract<StartCommand, { kind: "node" }>;

/** Options of Node.js whose value is the next word (nodejs.org/api/cli.html). */
const valuedOptions = new Set([
  ...["-r", "--require", "--import", "--loader", "--experimental-loader", "-C", "--conditions"],
  ...["--env-file", "--env-file-if-exists", "--title", "--input-type", "--disable-warning"],
]);
/** Options for developing: a release has no use for them. */
const developmentOptions =
  /^--(watch|watch-path|watch-preserve-output|inspect|inspect-brk|inspect-wait)(=|$)/;
/** With these there is no entry file. */
const withoutEntry = /^(-e|-p|-pe|-c|-i|--eval|--print|--check|--interactive|--test|--run|-)(=|$)/;

/** Reads the words after `node`; `undefined` where they name no file. */
export function parseNodeArguments(
  survey: Pick<Survey, "has" | "manifest">,
  words: readonly string[],
  loader: readonly string[] = [],
): NodeStart | undefined {
  const nodeArgs = [...loader];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    if (withoutEntry.test(word)) return undefined;
    if (!word.startsWith("-")) {
      return { kind: "node", entry: resolveEntry(survey, word), args: words.slice(index + 1), nodeArgs };
    }
    const valued = valuedOptions.has(word) ? words[index + 1] : undefined;
    if (valued !== undefined) index += 1;
    if (!developmentOptions.test(word)) nodeArgs.push(...portable(word, valued));
  }
  return undefined;
}

// A release holds no environment file, and Node.js refuses to start where one is missing.
function portable(option: string, value: string | undefined): string[] {
  if (option === "--env-file" && value !== undefined) return [`--env-file-if-exists=${value}`];
  if (option.startsWith("--env-file=")) return [option.replace("--env-file=", "--env-file-if-exists=")];
  return value === undefined ? [option] : [option, value];
}

/**
 * The file that `node <word>` runs, from the application: extensions and folders as Node.js completes them.
 */
export function resolveEntry(survey: Pick<Survey, "has" | "manifest">, word: string): string {
  const path = normalize(word).replace(/\/$/, "");
  if (path === ".") return normalize(survey.manifest.main ?? "index.js");
  if (survey.has(path) || /\.[cm]?[jt]sx?$/.test(path)) return path;
  for (const extension of [".js", ".cjs", ".mjs"]) {
    if (survey.has(path + extension)) return path + extension;
  }
  for (const index of ["index.js", "index.mjs", "index.cjs"]) {
    if (survey.has(`${path}/${index}`)) return `${path}/${index}`;
  }
  return `${path}.js`;
}
