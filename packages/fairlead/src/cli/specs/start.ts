import type { CommandSpec } from "../command.ts";

/** Commands of the first minutes and of every day's start. */
export const startCommands: CommandSpec[] = [
  {
    name: "init",
    group: "Start",
    summary: "write fairlead.config.ts for this repository",
    usage: "init",
    description: [
      "Finds out the package manager, framework, build, start, health path, migration tool and Node.js version, " +
        "writes a commented config file and says what it could not find out. Changes nothing else; an existing " +
        "config file is left as it is.",
    ],
    examples: [
      { command: "fairlead init", summary: "detect and write fairlead.config.ts" },
      { command: "fairlead init --cwd apps/web --json", summary: "the same elsewhere, result as data" },
    ],
    load: () => import("../commands/init.ts"),
  },
  {
    name: "doctor",
    group: "Start",
    summary: "check this machine and this repository",
    usage: "doctor",
    description: [
      "Prints one line per check (ok, warning, failure) with its remedy; exit code 1 when one fails.",
    ],
    examples: [
      { command: "fairlead doctor", summary: "check everything" },
      { command: "fairlead doctor --json", summary: "the checks as data, for a bug report or a script" },
    ],
    load: () => import("../commands/doctor.ts"),
  },
  {
    name: "up",
    group: "Start",
    summary: "start what the environments need and stay until Ctrl-C",
    usage: "up [--journey] [--once]",
    description: [
      "Starts the databases and hosts of the environments, and in them what ran before. Ctrl-C stops all of it.",
    ],
    options: {
      journey: { type: "boolean", summary: "then build, deploy to staging and promote to production" },
      once: { type: "boolean", summary: "stop again at once, with the exit code of what was done" },
    },
    examples: [
      { command: "fairlead up", summary: "continue from the state that is there" },
      { command: "fairlead up --journey", summary: "the whole way of a change, from build to production" },
      { command: "fairlead up --journey --once", summary: "the same as a check, in CI" },
    ],
    load: () => import("../commands/up.ts"),
  },
  {
    name: "down",
    group: "Start",
    summary: "drain and stop everything that `up` started",
    usage: "down [environment]",
    arguments: [{ name: "environment", summary: "only this one", required: false }],
    examples: [
      { command: "fairlead down", summary: "stop every environment; nothing is lost" },
      { command: "fairlead down staging", summary: "stop one environment" },
    ],
    load: () => import("../commands/down.ts"),
  },
  {
    name: "dev",
    group: "Start",
    summary: "run the application with hot reload on the development database",
    usage: "dev",
    examples: [
      { command: "fairlead dev", summary: "start the database, migrate it, run the development command" },
      { command: "fairlead dev --cwd apps/web", summary: "the same for an application elsewhere" },
    ],
    load: () => import("../commands/dev.ts"),
  },
];
