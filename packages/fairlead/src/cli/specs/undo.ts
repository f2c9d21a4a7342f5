import type { CommandSpec } from "../command.ts";

/** Commands that go back. */
export const undoCommands: CommandSpec[] = [
  {
    name: "rollback",
    group: "Undo",
    summary: "give the traffic back to an earlier deployment",
    usage: "rollback <environment> [--to <deployment>] [--with-schema]",
    description: [
      "Never builds. The deployment before the active one is kept warm, so the switch is immediate.",
    ],
    arguments: [{ name: "environment", summary: "where to go back", required: true }],
    options: {
      to: {
        type: "string",
        placeholder: "<deployment>",
        summary: "a certain one, as `fairlead status` lists them",
      },
      "with-schema": { type: "boolean", summary: "undo the migrations, too, where they have a way down" },
    },
    examples: [
      { command: "fairlead rollback production", summary: "back to the deployment before" },
      { command: "fairlead rollback production --to dep-7k2m", summary: "back to a certain deployment" },
    ],
    load: () => import("../commands/rollback.ts"),
  },
];
