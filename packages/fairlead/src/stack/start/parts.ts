import type { PackageManager } from "../port.ts";
import { parseScript, type ScriptCommand } from "../script.ts";
import type { Survey } from "../survey.ts";
import { resolveBinary } from "./binaries.ts";
import { parseNodeArguments, resolveEntry } from "./node-entry.ts";
import type { BareCommand, StartPart } from "./part.ts";
import { nameOf, unwrap } from "./wrappers.ts";

const migrationCommands = [
  /\b(prisma (migrate|db push)|knex migrate|drizzle-kit (migrate|push)|typeorm(-\S+)? migration)/,
  /\b(node-pg-migrate|dbmate|graphile-migrate|kysely migrate|mikro-orm migration)/,
  /\bsequelize(-cli)? db:migrate/,
];
const preparingPrograms = new Set([
  ...[
    "mkdir",
    "cp",
    "mv",
    "rm",
    "rimraf",
    "echo",
    "printf",
    "sleep",
    "true",
    "test",
    "[",
    "wait-on",
    "chmod",
  ],
  ...["tsc", "tsup", "esbuild", "vite", "webpack", "prisma", "wait-for-it", "export", "set", "cpx", "shx"],
]);
const maximumDepth = 10;

/** Resolves a package script into what its commands do, through scripts that call scripts. */
export function partsOfScript(
  survey: Survey,
  name: string,
  extra: readonly string[] = [],
  depth = 0,
): StartPart[] {
  const script = survey.manifest.scripts?.[name];
  const text = `npm run ${name}`;
  if (script === undefined) return [{ kind: "other", text, reason: `there is no script ${name}` }];
  if (depth > maximumDepth)
    return [{ kind: "other", text, reason: "the scripts call each other in a circle" }];
  const commands = parseScript(script);
  return commands.flatMap((command, index) => {
    const argv = index === commands.length - 1 ? [...command.argv, ...extra] : command.argv;
    if (command.after === "|" || command.after === "||" || command.after === "&") {
      return [{ kind: "other", text: argv.join(" "), reason: `it is joined by ${command.after}` }];
    }
    return partsOfCommand(survey, { ...command, argv }, depth);
  });
}

/** Resolves one command. */
export function partsOfCommand(survey: Survey, command: ScriptCommand, depth = 0): StartPart[] {
  const bare = unwrap(command);
  const text = bare.argv.join(" ");
  if (bare.argv.length === 0) return [];
  const called = calledScripts(bare.argv);
  if (called !== undefined) {
    if (/migrat/i.test(called.names.join())) return [{ kind: "migration", text }];
    if (/^(build|seed|generate)|:(build|seed|generate)|db:seed/.test(called.names.join())) {
      return [{ kind: "preparation", text }];
    }
    const parts = called.names.flatMap((name) => partsOfScript(survey, name, called.args, depth + 1));
    return parts.map((part) => withVariables(part, bare.variables));
  }
  if (migrationCommands.some((pattern) => pattern.test(text))) return [{ kind: "migration", text }];
  if (preparingPrograms.has(nameOf(bare.argv[0]))) return [{ kind: "preparation", text }];
  return [nodePart(survey, bare, command.dynamic)];
}

function nodePart(survey: Survey, bare: BareCommand, dynamic: boolean): StartPart {
  const text = bare.argv.join(" ");
  const start = nodeStart(survey, bare);
  if (start === undefined) return { kind: "other", text, reason: "it is no Node.js program that is known" };
  if (/(^|[/._-])(migrate|migrations?)\.[cm]?[jt]s$/.test(start.entry)) return { kind: "migration", text };
  if (/(^|[/._-])seeds?\.[cm]?[jt]s$/.test(start.entry)) return { kind: "preparation", text };
  const words = [start.entry, ...start.args, ...start.nodeArgs];
  if (dynamic && words.some((word) => /[$`*?<>|&(){}]/.test(word))) {
    return { kind: "other", text, reason: "only a shell can complete it" };
  }
  const { NODE_OPTIONS: options, ...variables } = bare.variables;
  const nodeArgs = [...(options?.split(/\s+/).filter((word) => word !== "") ?? []), ...start.nodeArgs];
  return { kind: "node", start: { ...start, nodeArgs }, variables };
}

function nodeStart(survey: Survey, { argv }: BareCommand) {
  const [program, ...words] = argv;
  switch (nameOf(program)) {
    case "node":
    case "nodejs":
      return parseNodeArguments(survey, words);
    case "tsx":
      return parseNodeArguments(survey, words[0] === "watch" ? words.slice(1) : words, ["--import", "tsx"]);
    case "ts-node":
    case "ts-node-transpile-only":
      return parseNodeArguments(survey, withoutCompilerFlags(words), ["--require", "ts-node/register"]);
    case "ts-node-esm":
      return parseNodeArguments(survey, withoutCompilerFlags(words), ["--loader", "ts-node/esm"]);
    case "nest":
      return words[0] === "start"
        ? { kind: "node" as const, entry: resolveEntry(survey, "dist/main"), args: [], nodeArgs: [] }
        : undefined;
    default:
      // `nodemon server.js`: the wrapper is off, and what is left is the file.
      if (/\.[cm]?js$/.test(program ?? "")) return parseNodeArguments(survey, argv);
      return resolveBinary(survey, [nameOf(program), ...words]);
  }
}

function withoutCompilerFlags(words: string[]): string[] {
  return words.filter((word) => !/^(-T|-s|--(transpile-only|files|esm|swc|pretty|skip-project))$/.test(word));
}

function withVariables(part: StartPart, variables: Record<string, string>): StartPart {
  return part.kind === "node" ? { ...part, variables: { ...variables, ...part.variables } } : part;
}

const managers = new Set<string>(["npm", "pnpm", "yarn", "bun"] satisfies PackageManager[]);

// `npm start`, `npm run x -- args`, `yarn x`, `run-s a b`; `undefined` when the command runs no script of
// this package.
function calledScripts(argv: string[]): { names: string[]; args: string[] } | undefined {
  const program = nameOf(argv[0]);
  if (program === "run-s" || program === "npm-run-all") {
    const parallel = argv.includes("-p") || argv.includes("--parallel");
    return parallel ? undefined : { names: argv.slice(1).filter((word) => !word.startsWith("-")), args: [] };
  }
  if (!managers.has(program)) return undefined;
  const separator = argv.indexOf("--");
  const own = separator === -1 ? argv.slice(1) : argv.slice(1, separator);
  const isElsewhere = /^(-w|--workspace|--filter|-F|--prefix|--cwd|-C|--dir|workspace|exec|dlx|x)(=|$)/;
  if (own.some((word) => isElsewhere.test(word))) return undefined;
  const first = own.findIndex((word) => !word.startsWith("-"));
  const at = own[first] === "run" || own[first] === "run-script" ? first + 1 : first;
  const name = own[at];
  const isFile = /\.[cm]?[jt]sx?$/.test(name ?? "");
  // npm takes flags for itself unless they stand behind `--`; the others hand on all that follows the name.
  const after = own.slice(at + 1).filter((word) => program !== "npm" || !word.startsWith("-"));
  const args = [...after, ...(separator === -1 ? [] : argv.slice(separator + 1))];
  return name === undefined || isFile ? undefined : { names: [name], args };
}
