import type { BareCommand } from "./part.ts";

/** Programs that only prepare the environment of another one, with the flags that take a value. */
const wrappers: Record<string, string[]> = {
  "cross-env": [],
  "cross-env-shell": [],
  env: [],
  exec: [],
  dotenv: ["-e", "--env", "-p", "-v"],
  dotenvx: ["-f", "--env-file", "-fk"],
  "env-cmd": ["-f", "--file", "-e", "--environments", "-r"],
  npx: ["-p", "--package"],
  "dumb-init": ["-r", "--rewrite"],
  tini: [],
  doppler: ["-p", "--project", "-c", "--config"],
  infisical: ["--env", "--path", "--projectId"],
  nodemon: ["--watch", "-w", "--ext", "-e", "--ignore", "-i", "--delay"],
  "node-dev": [],
};
const maximumLayers = 8;

/** Takes wrappers off a command: `cross-env A=b dotenv -e .env -- node x` is `node x` with `A=b`. */
export function unwrap(command: BareCommand): BareCommand {
  let { argv } = command;
  const variables = { ...command.variables };
  for (let layer = 0; layer < maximumLayers; layer++) {
    const program = nameOf(argv[0]);
    const valued = wrappers[program];
    if (valued === undefined) break;
    const rest = skipFlags(argv.slice(1), valued);
    if ((program === "dotenvx" || program === "doppler" || program === "infisical") && rest[0] === "run") {
      argv = skipFlags(rest.slice(1), valued);
    } else argv = rest;
    argv = takeAssignments(argv, variables);
  }
  return { argv, variables };
}

/** The name of a program without its folder. */
export function nameOf(program: string | undefined): string {
  return program?.replace(/^.*\//, "") ?? "";
}

function skipFlags(argv: string[], valued: readonly string[]): string[] {
  let index = 0;
  while (index < argv.length) {
    const word = argv[index] ?? "";
    if (word === "--") return argv.slice(index + 1);
    if (!word.startsWith("-")) break;
    index += valued.includes(word) ? 2 : 1;
  }
  return argv.slice(index);
}

function takeAssignments(argv: string[], variables: Record<string, string>): string[] {
  const first = argv.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  const count = first === -1 ? argv.length : first;
  for (const word of argv.slice(0, count)) {
    const separator = word.indexOf("=");
    variables[word.slice(0, separator)] = word.slice(separator + 1);
  }
  return argv.slice(count);
}
