import { exitCodes, FairleadError } from "../kernel/index.ts";
import { isGroup } from "./arguments.ts";
import { type CommandGroup, type CommandSpec, globalOptions, type OptionSpec } from "./command.ts";

const groups: CommandGroup[] = ["Start", "Ship", "Undo", "Inspect", "Maintain"];
const width = 100;

const exitCodeMeanings: Record<keyof typeof exitCodes, string> = {
  ok: "done",
  checkFailed: "a check, a step or a command failed",
  usage: "wrong arguments or configuration",
  environment: "something is missing on this machine: a tool, a credential, a free port",
  remote: "a service elsewhere failed or refused",
  bug: "a mistake in fairlead itself",
  cancelled: "cancelled (Ctrl-C)",
};

/** The help text for a topic: nothing (the overview), a command, the first word of commands, or `exit-codes`. */
export function helpText(topic: readonly string[], specs: readonly CommandSpec[]): string {
  const name = topic.join(" ");
  if (name === "") return overview(specs);
  if (name === "exit-codes") return exitCodeHelp();
  const spec = specs.find((candidate) => candidate.name === name);
  if (spec !== undefined) return commandHelp(spec);
  if (isGroup(name, specs)) return groupHelp(name, specs);
  throw new FairleadError("usage", `no help on ${name}`, { exit: "usage", hint: "See: fairlead --help" });
}

function overview(specs: readonly CommandSpec[]): string {
  const lines = ["fairlead guides every change from pull request to production.", ""];
  for (const group of groups) {
    const members = overviewRows(specs.filter((spec) => spec.group === group));
    members.forEach(([name, summary], index) => {
      lines.push(`  ${(index === 0 ? group : "").padEnd(9)} ${name.padEnd(9)} ${summary}`);
    });
  }
  lines.push(
    "",
    `  Options   ${Object.keys(globalOptions)
      .map((name) => `--${name}`)
      .join(" ")}`,
  );
  lines.push(
    "",
    "fairlead <command> --help explains one with examples; fairlead help exit-codes lists those.",
  );
  return lines.join("\n");
}

// Commands of two words share a line, so that the overview stays on one screen.
function overviewRows(specs: readonly CommandSpec[]): [string, string][] {
  const rows = new Map<string, string>();
  for (const spec of specs) {
    const [first = "", second] = spec.name.split(" ");
    if (second === undefined) rows.set(first, spec.summary);
    else rows.set(first, rows.has(first) ? `${rows.get(first) ?? ""}|${second}` : second);
  }
  return [...rows].map(([name, text]) => [name, text.includes("|") ? `${text} <environment>` : text]);
}

function groupHelp(word: string, specs: readonly CommandSpec[]): string {
  const members = specs.filter((spec) => spec.name.startsWith(`${word} `));
  return [
    `Usage: fairlead ${word} <command>`,
    "",
    ...table(members.map((spec) => [spec.usage, spec.summary])),
    "",
    ...exampleLines(members.flatMap((spec) => spec.examples.slice(0, 1))),
  ].join("\n");
}

function commandHelp(spec: CommandSpec): string {
  const lines = [`Usage: fairlead ${spec.usage}`, "", capitalise(spec.summary) + "."];
  for (const paragraph of spec.description ?? []) lines.push("", ...wrap(paragraph));
  if (spec.arguments !== undefined) {
    const rows = spec.arguments.map((argument): [string, string] => [
      argument.required ? `<${argument.name}>` : `[${argument.name}]`,
      argument.summary,
    ]);
    lines.push("", "Arguments:", ...table(rows));
  }
  if (spec.options !== undefined) lines.push("", "Options:", ...table(optionRows(spec.options)));
  lines.push("", "Every command:", ...table(optionRows(globalOptions)));
  lines.push("", ...exampleLines(spec.examples));
  return lines.join("\n");
}

function optionRows(options: Record<string, OptionSpec>): [string, string][] {
  return Object.entries(options).map(([name, option]) => {
    const short = option.short === undefined ? "" : `-${option.short}, `;
    const value = option.type === "string" ? ` ${option.placeholder ?? "<value>"}` : "";
    const standard = typeof option.default === "string" ? ` (${option.default})` : "";
    return [`${short}--${name}${value}`, option.summary + standard];
  });
}

function exampleLines(examples: CommandSpec["examples"]): string[] {
  return ["Examples:", ...table(examples.map((example) => [example.command, example.summary]))];
}

function exitCodeHelp(): string {
  const rows = Object.entries(exitCodeMeanings).map(([kind, meaning]): [string, string] => [
    String(exitCodes[kind as keyof typeof exitCodes]),
    meaning,
  ]);
  return ["Exit codes of every command:", "", ...table(rows)].join("\n");
}

function table(rows: [string, string][]): string[] {
  const column = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(column)}  ${right}`);
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length + 1 > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
