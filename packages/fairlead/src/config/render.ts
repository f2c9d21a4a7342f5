import type { Problem } from "../kernel/index.ts";
import type { Stack, StartCommand } from "../stack/index.ts";

/** What may be asked, with the line that would answer it where the problem's remedy names none. */
const questions: Record<string, string> = {
  path: 'path: "apps/web"',
  start: 'start: ["node", "server.js"]',
  "build.outputs": 'build: { outputs: ["dist"] }',
  "health.path": 'health: { path: "/" }',
  migrations: "migrations: false",
};
const width = 100;
const secretName = /SECRET|TOKEN|PASSW|CREDENTIAL|PRIVATE|API_?KEY|ACCESS_?KEY|_KEY$|_DSN$|_URI$|WEBHOOK/;
const publicName = /^(NEXT_PUBLIC|VITE|PUBLIC|REACT_APP)_|PUBLIC_KEY|PUBLISHABLE/;

/**
 * Writes a minimal `fairlead.config.ts` for a detected application: what has to be said, what was found as a
 * comment, and what could not be found out as a commented line with the question. `path` is the application's
 * folder from the file.
 */
export function renderConfig(stack: Stack, path = "."): string {
  const body = [
    [`application: ${JSON.stringify(applicationName(stack.name))},`],
    path === "." ? [] : [`path: ${JSON.stringify(path)},`],
    renderFound(stack),
    ...Object.entries(questions).map(([where, line]) => renderQuestion(stack, where, line)),
    renderVariables(stack),
    [
      "// Each environment has a database of its own. Ports, unless said here: production 3000, staging",
      "// 3001, development 3002. A release reaches production after it was active in staging.",
      "environments: {",
      "  development: {},",
      "  staging: {},",
      '  production: { from: "staging" },',
      "},",
    ],
  ];
  const lines = body.filter((part) => part.length > 0).flatMap((part) => part.map((line) => `  ${line}`));
  return [
    'import type { Config } from "fairlead";',
    "",
    "export default {",
    ...lines,
    "} satisfies Config;",
    "",
  ].join("\n");
}

/** A name as the configuration allows it: `@acme/Web Shop` becomes `web-shop`. */
function applicationName(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^[^a-z]+|-+$/g, "")
    .slice(0, 40)
    .replace(/-+$/, "");
  return plain === "" ? "app" : plain;
}

function renderFound(stack: Stack): string[] {
  const found = [
    stack.build === undefined ? undefined : `build: ${stack.build.join(" ")}`,
    stack.start === undefined ? undefined : `start: ${describeStart(stack.start)}`,
    stack.health === undefined ? undefined : `health: ${stack.health}`,
    stack.migrations === undefined
      ? undefined
      : `migrations: ${stack.migrations.tool} in ${stack.migrations.directory}`,
    stack.seed === undefined ? undefined : `seed: ${stack.seed.join(" ")}`,
  ].filter((text) => text !== undefined);
  return found.length === 0
    ? []
    : ["// Found by itself, to be said here only where it is wrong:", ...found.map((text) => `//   ${text}`)];
}

function describeStart(start: StartCommand): string {
  if (start.kind === "command") return start.argv.join(" ");
  return ["node", ...start.nodeArgs, start.entry, ...start.args].join(" ");
}

// A commented line that the reader makes an answer of; none where the problem is only a note on what was
// found.
function renderQuestion({ start, unknown }: Stack, where: string, line: string): string[] {
  const problems = unknown.filter((problem) => problem.where === where);
  if (problems.length === 0) return [];
  const notes = problems.flatMap(describeProblem);
  if (where === "start" && start?.kind === "node") return notes;
  const named = problems.map((problem) => snippetOf(problem.remedy)?.snippet).find(Boolean);
  return [...notes, `// ${named ?? line},`];
}

function describeProblem({ message, remedy }: Problem): string[] {
  const advice = remedy === undefined ? undefined : (snippetOf(remedy)?.advice ?? remedy);
  const text = `${message}${advice === undefined ? "" : `; ${advice}`}.`;
  return wrap(text.charAt(0).toUpperCase() + text.slice(1));
}

// `name it: health: { path: "/" }` is an advice and a line of the configuration.
function snippetOf(remedy: string | undefined): { advice: string; snippet: string } | undefined {
  const [, advice, snippet] = /^(.*?): ([a-z]+: ["[{].*)$/.exec(remedy ?? "") ?? [];
  return advice === undefined || snippet === undefined ? undefined : { advice, snippet };
}

function renderVariables({ startVariables = {}, variables }: Stack): string[] {
  const names = [...new Set([...variables, ...Object.keys(startVariables)])].sort();
  if (names.length === 0) return [];
  return [
    "// Read by the sources or set by the start script; only declared variables reach the application. Plain",
    "// values stand in environments.<name>.variables, secret ones never in this file. Take required: false",
    "// away where the application can't do without.",
    "variables: {",
    ...names.map((name) => `  ${name}: ${describeVariable(name, startVariables[name])},`),
    "},",
  ];
}

function describeVariable(name: string, value: string | undefined): string {
  if (value !== undefined) return JSON.stringify(value);
  const isSecret = secretName.test(name) && !publicName.test(name);
  return isSecret ? "{ secret: true, required: false }" : "{ required: false }";
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = "//";
  for (const word of text.split(/\s+/)) {
    if (line.length + word.length + 1 > width && line !== "//") {
      lines.push(line);
      line = "//";
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
