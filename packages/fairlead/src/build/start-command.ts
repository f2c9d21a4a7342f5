import type { StartCommand } from "../stack/index.ts";

/** Options of Node.js whose value is an argument of its own (nodejs.org/api/cli.html). */
const optionsWithValue = new Set([
  ...["-r", "--require", "--import", "--loader", "--experimental-loader", "-C", "--conditions", "--env-file"],
  ...[
    "--env-file-if-exists",
    "--title",
    "--input-type",
    "--disable-warning",
    "--icu-data-dir",
    "--openssl-config",
  ],
]);
/** With these there is no entry file. */
const optionsWithoutEntry =
  /^(-e|-p|-pe|-c|-i|--eval|--print|--check|--interactive|--test|--run|--watch|-)(=|$)/;

/**
 * Reads a start command that a person wrote: `node [options] entry [arguments]` becomes a Node.js entry, into which the agent
 * can be loaded; anything else stays a command.
 */
export function parseStart(argv: readonly string[]): StartCommand {
  const command: StartCommand = { kind: "command", argv: [...argv] };
  if (argv[0] !== "node" && argv[0] !== "nodejs") return command;
  const nodeArgs: string[] = [];
  for (let index = 1; index < argv.length; index += 1) {
    const argument = argv[index] ?? "";
    if (optionsWithoutEntry.test(argument)) return command;
    if (!argument.startsWith("-")) {
      return { kind: "node", entry: argument.replace(/^\.\//, ""), args: argv.slice(index + 1), nodeArgs };
    }
    // A release holds no environment file, and Node.js refuses to start where one is missing.
    nodeArgs.push(argument.replace(/^--env-file(?==|$)/, "--env-file-if-exists"));
    if (optionsWithValue.has(argument) && index + 1 < argv.length) {
      index += 1;
      nodeArgs.push(argv[index] ?? "");
    }
  }
  return command;
}
