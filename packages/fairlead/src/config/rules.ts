import { statSync } from "node:fs";
import { join } from "node:path";

import { didYouMean } from "../kernel/index.ts";
import type { ConfigProblem } from "./issues.ts";
import type { Path } from "./outline.ts";
import type { ResolvedConfig } from "./schema.ts";

/** A problem between several places; `others` are the places beside `path` that take part in it. */
export interface RuleProblem extends ConfigProblem {
  others?: Path[];
}

/** One rule about how the parts of a configuration belong together; `root` is the folder of its file. */
export type Rule = (config: ResolvedConfig, root: string) => RuleProblem[];

const someEnvironment: Rule = (config) =>
  Object.keys(config.environments).length > 0
    ? []
    : [{ path: ["environments"], message: "is empty, expected at least one", remedy: "add production: {}" }];

const everyPortKnown: Rule = (config) =>
  Object.entries(config.environments)
    .filter(([, environment]) => environment.port === 0)
    .map(([name]) => ({
      path: ["environments", name, "port"],
      message: "is missing, expected a whole number from 1 to 65535",
      remedy: "only production, staging and development have a port by default",
    }));

const distinctPorts: Rule = (config) => {
  const owners = new Map<number, string>();
  const problems: RuleProblem[] = [];
  for (const [name, { port }] of Object.entries(config.environments)) {
    const owner = owners.get(port);
    if (port === 0) continue;
    if (owner === undefined) {
      owners.set(port, name);
      continue;
    }
    problems.push({
      path: ["environments", name, "port"],
      others: [["environments", owner, "port"]],
      message: `is ${String(port)}, which is the port of ${owner} too, expected a port of its own`,
    });
  }
  return problems;
};

const knownOrigins: Rule = (config) =>
  Object.entries(config.environments).flatMap(([name, { from }]) => {
    if (from === undefined || Object.hasOwn(config.environments, from)) return [];
    const others = Object.keys(config.environments).filter((other) => other !== name);
    return {
      path: ["environments", name, "from"],
      others: [["environments", from]],
      message: `is "${from}", which is no environment${didYouMean(from, others)}`,
      ...(others.length === 0 ? {} : { remedy: `expected one of ${others.join(", ")}` }),
    };
  });

const originsWithoutCycle: Rule = (config) => {
  const reported = new Set<string>();
  return Object.keys(config.environments).flatMap((name) => {
    const way = [name];
    let next = config.environments[name]?.from;
    while (next !== undefined && !way.includes(next)) {
      way.push(next);
      next = config.environments[next]?.from;
    }
    if (next !== name || reported.has(name)) return [];
    for (const member of way) reported.add(member);
    const others = way.slice(1).map((member) => ["environments", member, "from"]);
    const circle = [...way, name].join(" → ");
    const message = way.length === 1 ? `is "${name}" itself` : `goes round in a circle: ${circle}`;
    return { path: ["environments", name, "from"], others, message, remedy: "expected another environment" };
  });
};

const declaredVariables: Rule = (config) => {
  const declared = Object.keys(config.variables);
  return eachEnvironmentVariable(config).flatMap(([environment, name]) => {
    if (Object.hasOwn(config.variables, name)) return [];
    return {
      path: ["environments", environment, "variables", name],
      others: [["variables", name]],
      message: `is not declared${didYouMean(name, declared)}`,
      remedy: `add ${name}: {} to the top-level variables`,
    };
  });
};

const noSecretInTheFile: Rule = (config) => {
  const remedy = "take it out and change the secret; put the new one into the environment's secrets";
  const defaults = Object.entries(config.variables).flatMap(([name, variable]) =>
    typeof variable === "object" && variable.secret && variable.default !== undefined
      ? { path: ["variables", name, "default"], message: "is the plain value of a secret", remedy }
      : [],
  );
  const own = eachEnvironmentVariable(config).flatMap(([environment, name]) => {
    const variable = config.variables[name];
    if (typeof variable !== "object" || !variable.secret) return [];
    const path = ["environments", environment, "variables", name];
    return { path, message: "is the plain value of a secret", remedy };
  });
  return [...defaults, ...own];
};

const generatedWithoutDefault: Rule = (config) =>
  Object.entries(config.variables).flatMap(([name, variable]) =>
    typeof variable === "object" && variable.generate && variable.default !== undefined && !variable.secret
      ? {
          path: ["variables", name, "generate"],
          message: "is true although there is a default, which would always win",
          remedy: "remove one of the two",
        }
      : [],
  );

const reservedNames: Rule = (config) => {
  const message = "is set by Fairlead for each deployment";
  const remedy = "remove it; a port is environments.<name>.port";
  const isReserved = (name: string) => name === "PORT" || name === "HOSTNAME" || name.startsWith("FAIRLEAD_");
  const top = Object.keys(config.variables).map((name): Path => ["variables", name]);
  const own = eachEnvironmentVariable(config).map(([environment, name]): Path => [
    "environments",
    environment,
    "variables",
    name,
  ]);
  return [...top, ...own]
    .filter((path) => isReserved(String(path.at(-1))))
    .map((path) => ({ path, message, remedy }));
};

const existingFolder: Rule = (config, root) =>
  isDirectory(join(root, config.path))
    ? []
    : [{ path: ["path"], message: `is "${config.path}", expected a folder that is there, from ${root}` }];

const existingMigrations: Rule = (config, root) => {
  const directory = config.migrations === false ? undefined : config.migrations.directory;
  if (directory === undefined || isDirectory(join(root, config.path, directory))) return [];
  const path = ["migrations", "directory"];
  const message = `is "${directory}", expected a folder that is there, from the application's folder`;
  return [{ path, others: [["path"]], message }];
};

/** All rules, in the order in which their findings are shown. */
export const rules: readonly Rule[] = [
  existingFolder,
  existingMigrations,
  someEnvironment,
  everyPortKnown,
  distinctPorts,
  knownOrigins,
  originsWithoutCycle,
  declaredVariables,
  reservedNames,
  noSecretInTheFile,
  generatedWithoutDefault,
];

function eachEnvironmentVariable(config: ResolvedConfig): [environment: string, name: string][] {
  return Object.entries(config.environments).flatMap(([environment, { variables }]) =>
    Object.keys(variables).map((name): [string, string] => [environment, name]),
  );
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
