import { parseArgs } from "node:util";

import { closest, FairleadError } from "../kernel/index.ts";
import { type CommandInput, type CommandSpec, globalOptions, type OptionSpec } from "./command.ts";

/** What a command line asks for. */
export type Invocation =
  | { kind: "version" }
  /** `topic` are the words after `help`, or the command that `--help` stands beside; empty: the overview. */
  | { kind: "help"; topic: string[] }
  | { kind: "command"; spec: CommandSpec; input: CommandInput };

export interface CommandLine {
  /** Global options, known even where the rest is wrong. */
  globals: { json: boolean; yes: boolean; cwd: string | undefined; color: boolean; verbose: boolean };
  /** What to do; reading it throws `usage` errors (exit code 2). */
  invocation(): Invocation;
}

/** Reads a command line (without `node` and the script) against the specs of all commands. */
export function parseCommandLine(argv: readonly string[], specs: readonly CommandSpec[]): CommandLine {
  const { values } = parse(argv, globalOptions);
  return {
    globals: {
      json: values["json"] === true,
      yes: values["yes"] === true,
      cwd: typeof values["cwd"] === "string" ? values["cwd"] : undefined,
      color: values["no-color"] !== true,
      verbose: values["verbose"] === true,
    },
    invocation: () => interpret(argv, specs),
  };
}

function interpret(argv: readonly string[], specs: readonly CommandSpec[]): Invocation {
  const { words, rest } = splitCommand(argv, specs);
  const name = words.join(" ");
  const { values, positionals } = parse(rest, globalOptions);
  if (values["version"] === true || name === "version") return { kind: "version" };
  if (name === "" || name === "help") {
    checkOptions(rest, globalOptions, "help");
    return { kind: "help", topic: positionals };
  }
  const spec = specs.find((candidate) => candidate.name === name);
  if (values["help"] === true && (spec !== undefined || isGroup(name, specs))) {
    return { kind: "help", topic: words };
  }
  if (spec === undefined) throw unknownCommand(words, positionals[0], specs);
  return { kind: "command", spec, input: commandInput(rest, spec) };
}

/** Takes the words of the command out of the line: the first one, and a second where a spec has two (`db migrate`). */
function splitCommand(argv: readonly string[], specs: readonly CommandSpec[]) {
  const rest = [...argv];
  const words: string[] = [];
  for (let index = 0; index < rest.length && words.length < 2;) {
    const word = rest[index] ?? "";
    if (word === "--") break;
    if (word.startsWith("-")) {
      index += takesValue(word) ? 2 : 1;
      continue;
    }
    const name = [...words, word].join(" ");
    if (words.length === 1 && !isCommand(name, specs)) break;
    words.push(word);
    rest.splice(index, 1);
    if (!isGroup(word, specs)) break;
  }
  return { words, rest };
}

function isCommand(name: string, specs: readonly CommandSpec[]): boolean {
  return specs.some((spec) => spec.name === name);
}

/** True for the first word of commands of two words. */
export function isGroup(word: string, specs: readonly CommandSpec[]): boolean {
  return specs.some((spec) => spec.name.startsWith(`${word} `));
}

function takesValue(word: string): boolean {
  const options: Record<string, OptionSpec> = globalOptions;
  return options[word.replace(/^--/, "")]?.type === "string";
}

function commandInput(argv: readonly string[], spec: CommandSpec): CommandInput {
  const options: Record<string, OptionSpec> = { ...globalOptions, ...spec.options };
  checkOptions(argv, options, spec.name);
  const { values, positionals } = parse(argv, options);
  checkPositionals(positionals, spec);
  const own = Object.entries(options).filter(([name]) => name in (spec.options ?? {}) || passedOn.has(name));
  return {
    positionals,
    options: Object.fromEntries(own.map(([name, option]) => [name, single(values[name]) ?? option.default])),
    json: values["json"] === true,
    yes: values["yes"] === true,
  };
}

const passedOn = new Set(["config", "verbose"]);

function single(value: ParsedValue): string | boolean | undefined {
  return Array.isArray(value) ? value.at(-1) : value;
}

type ParsedValue = string | boolean | (string | boolean)[] | undefined;

function parse(argv: readonly string[], options: Record<string, OptionSpec>) {
  const plain = Object.entries(options).map(([name, { type, short }]) => [
    name,
    { type, ...(short === undefined ? {} : { short }) },
  ]);
  return parseArgs({
    args: [...argv],
    options: Object.fromEntries(plain) as Record<string, { type: "boolean" | "string"; short?: string }>,
    strict: false,
    tokens: true,
  });
}

function checkOptions(argv: readonly string[], options: Record<string, OptionSpec>, command: string): void {
  for (const token of parse(argv, options).tokens) {
    if (token.kind !== "option") continue;
    const option = options[token.name];
    if (option === undefined) throw unknownOption(token.rawName, options, command);
    if (option.type === "boolean" && token.value !== undefined) {
      throw usageError(`${token.rawName} takes no value`, command);
    }
    const value = token.value;
    const mistaken = value === undefined || (!token.inlineValue && /^-./.test(value));
    if (option.type === "string" && mistaken) {
      throw usageError(
        `${token.rawName} needs a value: ${token.rawName} ${option.placeholder ?? "<value>"}`,
        command,
      );
    }
  }
}

function checkPositionals(positionals: readonly string[], spec: CommandSpec): void {
  const accepted = spec.arguments ?? [];
  const missing = accepted.find((argument, index) => argument.required && (positionals[index] ?? "") === "");
  if (missing !== undefined) {
    throw usageError(`fairlead ${spec.name} needs <${missing.name}>: ${missing.summary}`, spec.name);
  }
  const surplus = positionals[accepted.length];
  if (surplus !== undefined) throw usageError(`unexpected argument ${surplus}`, spec.name);
}

function unknownOption(rawName: string, options: Record<string, OptionSpec>, command: string): FairleadError {
  const nearest = closest(rawName.replace(/^-+/, ""), Object.keys(options));
  const isLong = rawName.startsWith("--") && nearest !== undefined;
  return usageError(`unknown option ${rawName}${isLong ? `; did you mean --${nearest}?` : ""}`, command);
}

function unknownCommand(
  words: readonly string[],
  next: string | undefined,
  specs: readonly CommandSpec[],
): FairleadError {
  const [first = ""] = words;
  if (isGroup(first, specs)) {
    const names = specs.map((spec) => spec.name).filter((name) => name.startsWith(`${first} `));
    if (next === undefined) return usageError(`fairlead ${first} needs one of: ${names.join(", ")}`, first);
    const nearest = closest(`${first} ${next}`, names);
    return usageError(`unknown command ${first} ${next}${suggestion(nearest)}`, first);
  }
  const names = [...specs.map((spec) => spec.name), ...specs.map((spec) => spec.name.split(" ")[0] ?? "")];
  return usageError(`unknown command ${first}${suggestion(closest(first, [...names, "help", "version"]))}`);
}

function suggestion(nearest: string | undefined): string {
  return nearest === undefined ? "" : `; did you mean fairlead ${nearest}?`;
}

function usageError(message: string, command?: string): FairleadError {
  const subject = command === undefined || command === "help" ? "" : ` ${command}`;
  return new FairleadError("usage", message, { exit: "usage", hint: `See: fairlead${subject} --help` });
}
