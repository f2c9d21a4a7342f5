import type { Context } from "../kernel/index.ts";

export type CommandGroup = "Start" | "Ship" | "Undo" | "Inspect" | "Maintain";

export interface OptionSpec {
  type: "boolean" | "string";
  /** One letter. */
  short?: string;
  summary: string;
  default?: string | boolean;
  /** What stands for the value in the help text: `<deployment>`. */
  placeholder?: string;
}

export interface ArgumentSpec {
  name: string;
  summary: string;
  required: boolean;
}

/** What is known of a command before its code is loaded: enough to parse its arguments and to explain it. */
export interface CommandSpec {
  /** One word, or two: `db migrate`. */
  name: string;
  group: CommandGroup;
  summary: string;
  /** What follows `fairlead` in the usage line. */
  usage: string;
  /** Paragraphs below the summary. */
  description?: string[];
  arguments?: ArgumentSpec[];
  options?: Record<string, OptionSpec>;
  examples: { command: string; summary: string }[];
  load(): Promise<CommandModule>;
}

export interface CommandModule {
  /** Does the work; the number is the exit code, nothing means 0. */
  run(context: Context, input: CommandInput): Promise<number | void>;
}

/** A command's arguments after parsing; `options` holds those of its spec and the global `config` and `verbose`. */
export interface CommandInput {
  positionals: string[];
  options: Record<string, string | boolean | undefined>;
  json: boolean;
  yes: boolean;
}

/** Options that every command takes. */
export const globalOptions = {
  help: { type: "boolean", short: "h", summary: "explain the command" },
  version: { type: "boolean", short: "V", summary: "print the version" },
  json: { type: "boolean", summary: "print one JSON document on stdout instead of text" },
  yes: { type: "boolean", short: "y", summary: "accept what would be asked" },
  cwd: { type: "string", placeholder: "<dir>", summary: "run as if started in this directory" },
  config: { type: "string", placeholder: "<file>", summary: "use this file instead of fairlead.config.ts" },
  "no-color": { type: "boolean", summary: "print without colours" },
  verbose: { type: "boolean", summary: "print causes and stack traces, too" },
} satisfies Record<string, OptionSpec>;
