import type { CommandSpec } from "../command.ts";

/** Commands that look. */
export const inspectCommands: CommandSpec[] = [
  {
    name: "status",
    group: "Inspect",
    summary: "show what runs where, and repair what an interrupted deploy left",
    usage: "status [environment]",
    arguments: [{ name: "environment", summary: "only this one", required: false }],
    examples: [
      { command: "fairlead status", summary: "every environment" },
      { command: "fairlead status production --json", summary: "one environment as data" },
    ],
    load: () => import("../commands/status.ts"),
  },
  {
    name: "logs",
    group: "Inspect",
    summary: "print an environment's log lines",
    usage: "logs <environment> [-f] [--deployment <id>] [--tail <n>]",
    arguments: [{ name: "environment", summary: "whose lines", required: true }],
    options: {
      follow: { type: "boolean", short: "f", summary: "go on with new lines until Ctrl-C" },
      deployment: { type: "string", placeholder: "<id>", summary: "only this deployment's lines" },
      tail: {
        type: "string",
        placeholder: "<n>",
        default: "100",
        summary: "how many earlier lines come first",
      },
    },
    examples: [
      { command: "fairlead logs production -f", summary: "the last 100 lines and every new one" },
      { command: "fairlead logs staging --tail 500", summary: "the last 500 lines" },
    ],
    load: () => import("../commands/logs.ts"),
  },
];
