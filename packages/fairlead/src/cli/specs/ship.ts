import type { CommandSpec } from "../command.ts";

const acceptIrreversible = {
  type: "boolean",
  summary: "go on although no safe way back exists for a migration",
} as const;

/** Commands that bring a change forward. */
export const shipCommands: CommandSpec[] = [
  {
    name: "plan",
    group: "Ship",
    summary: "print what a deploy would do, and change nothing",
    usage: "plan <environment> [--from <environment>]",
    description: [
      "Shows the commits and the version between the active and the wanted release, migrations to run, variables " +
        "added, removed or changed (names only), and what a rollback would mean.",
    ],
    arguments: [{ name: "environment", summary: "where it would be deployed", required: true }],
    options: {
      from: {
        type: "string",
        placeholder: "<environment>",
        summary: "plan the promotion of that environment's active release",
      },
    },
    examples: [
      { command: "fairlead plan production", summary: "what deploying this commit to production would do" },
      { command: "fairlead plan production --from staging", summary: "what the promotion would do" },
    ],
    load: () => import("../commands/plan.ts"),
  },
  {
    name: "deploy",
    group: "Ship",
    summary: "build this commit and bring it to an environment",
    usage: "deploy <environment> [--yes] [--accept-irreversible] [--rebuild]",
    description: [
      "Shows the plan and asks. A release that does not become healthy, fails its smoke checks or does worse than " +
        "the old one during the watch is taken back.",
    ],
    arguments: [{ name: "environment", summary: "where to deploy", required: true }],
    options: {
      "accept-irreversible": acceptIrreversible,
      rebuild: { type: "boolean", summary: "build again although the sources have not changed" },
    },
    examples: [
      { command: "fairlead deploy staging", summary: "show the plan, ask, deploy" },
      { command: "fairlead deploy production --yes", summary: "deploy without asking" },
    ],
    load: () => import("../commands/deploy.ts"),
  },
  {
    name: "promote",
    group: "Ship",
    summary: "bring one environment's active release to another, unchanged",
    usage: "promote <from> <to> [--yes] [--accept-irreversible]",
    arguments: [
      { name: "from", summary: "environment whose active release is taken", required: true },
      { name: "to", summary: "environment it goes to", required: true },
    ],
    options: { "accept-irreversible": acceptIrreversible },
    examples: [
      {
        command: "fairlead promote staging production",
        summary: "the same build, from staging to production",
      },
      { command: "fairlead promote staging production --yes", summary: "without asking" },
    ],
    load: () => import("../commands/promote.ts"),
  },
  {
    name: "approve",
    group: "Ship",
    summary: "let a deploy go on that waits for approval",
    usage: "approve [environment]",
    arguments: [{ name: "environment", summary: "needed when several deploys wait", required: false }],
    examples: [
      { command: "fairlead approve", summary: "show the one plan that waits, and ask" },
      { command: "fairlead approve production --yes", summary: "approve it without asking" },
    ],
    load: () => import("../commands/approve.ts"),
  },
];
