import { join } from "node:path";

import { readText } from "../kernel/index.ts";
import { flagsOf, parseScript, type ScriptCommand } from "../stack/index.ts";

/** What a `package.json` says about how the application calls a tool. */
export interface ToolUse {
  /** Flags of all package scripts that call one of its binaries, names without dashes. */
  flags: Map<string, string | true>;
  /** The spelling of the binary that the scripts use, if they call it. */
  binary?: string;
  /** Arguments that Node.js needs before the binary, as the scripts run it by a loader: `--import tsx`. */
  nodeArgs: string[];
  manifest: Record<string, unknown>;
}

/**
 * Collects how an application's package scripts call a tool: its flags are the tool's configuration as much
 * as any file is.
 */
export async function toolUse(applicationDirectory: string, binaries: readonly string[]): Promise<ToolUse> {
  const manifest = parseObject(await readText(join(applicationDirectory, "package.json")));
  const scripts = Object.values((manifest["scripts"] as Record<string, unknown> | undefined) ?? {});
  const use: ToolUse = { flags: new Map(), nodeArgs: [], manifest };
  for (const command of scripts.flatMap((script) =>
    typeof script === "string" ? parseScript(script) : [],
  )) {
    const index = command.argv.findIndex((word) => binaries.includes(word.replace(/^.*\//, "")));
    if (index === -1) continue;
    for (const [name, value] of flagsOf(command.argv.slice(index + 1))) {
      if (!use.flags.has(name)) use.flags.set(name, value);
    }
    const binary = command.argv[index]?.replace(/^.*\//, "");
    if (use.binary === undefined && binary !== undefined) use.binary = binary;
    if (use.nodeArgs.length === 0) use.nodeArgs = loaderArguments(command, index);
  }
  return use;
}

/** Puts a loader's arguments between Node.js and the binary. */
export function withLoader(program: readonly string[], nodeArgs: readonly string[]): string[] {
  const [node, ...rest] = program;
  return node === undefined ? [] : [node, ...nodeArgs, ...rest];
}

// `tsx …`, `node --import tsx …`, `NODE_OPTIONS='--import tsx' …`: what stands before the binary.
function loaderArguments(command: ScriptCommand, index: number): string[] {
  const before = command.argv.slice(0, index);
  const options = command.variables["NODE_OPTIONS"]?.split(/\s+/).filter((word) => word !== "") ?? [];
  if (options.length > 0) return options;
  if (before[0] === "tsx") return ["--import", "tsx"];
  const node = before.indexOf("node");
  return node === -1 ? [] : before.slice(node + 1);
}

/** The value of the first of several spellings of a flag. */
export function textFlag(flags: ToolUse["flags"], ...names: string[]): string | undefined {
  for (const name of names) {
    const value = flags.get(name);
    if (typeof value === "string") return value;
  }
  return undefined;
}

/** A JSON object, or an empty one where the text is none. */
export function parseObject(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
