import type { ArgumentSpec, CommandSpec } from "../command.ts";

const environment: ArgumentSpec = { name: "environment", summary: "whose database", required: true };

/** Commands for an environment's database. */
export const maintainCommands: CommandSpec[] = [
  {
    name: "db migrate",
    group: "Maintain",
    summary: "run the migrations that a database lacks",
    usage: "db migrate <environment>",
    arguments: [environment],
    examples: [
      { command: "fairlead db migrate development", summary: "bring the development database up to date" },
      { command: "fairlead db migrate staging --yes", summary: "without asking" },
    ],
    load: () => import("../commands/db-migrate.ts"),
  },
  {
    name: "db status",
    group: "Maintain",
    summary: "show a database, its migrations applied and pending",
    usage: "db status <environment>",
    arguments: [environment],
    examples: [
      { command: "fairlead db status production", summary: "what is applied, what is pending" },
      { command: "fairlead db status staging --json", summary: "the same as data" },
    ],
    load: () => import("../commands/db-status.ts"),
  },
  {
    name: "db reset",
    group: "Maintain",
    summary: "empty a database, migrate it and seed it",
    usage: "db reset <environment>",
    description: ["Everything in the database is lost; refused for production."],
    arguments: [environment],
    examples: [
      { command: "fairlead db reset development", summary: "show what is lost, ask, begin anew" },
      { command: "fairlead db reset development --yes", summary: "without asking" },
    ],
    load: () => import("../commands/db-reset.ts"),
  },
  {
    name: "db seed",
    group: "Maintain",
    summary: "run the seed command on a database",
    usage: "db seed <environment>",
    arguments: [environment],
    examples: [
      { command: "fairlead db seed development", summary: "fill the development database" },
      { command: "fairlead db seed staging --yes", summary: "without asking" },
    ],
    load: () => import("../commands/db-seed.ts"),
  },
];
