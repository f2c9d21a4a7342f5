import type { Problem } from "../kernel/index.ts";

/** How to start an application: a Node.js entry (the agent can be loaded into it) or any other command. */
export type StartCommand =
  | {
      kind: "node";
      /** Path from the application's directory. */ entry: string;
      args: string[];
      nodeArgs: string[];
    }
  | { kind: "command"; argv: string[] };

export type PackageManager = "npm" | "pnpm" | "yarn" | "bun";

export type MigrationToolName =
  | "node-pg-migrate"
  | "drizzle-kit"
  | "knex"
  | "kysely-ctl"
  | "prisma"
  | "typeorm"
  | "dbmate"
  | "graphile-migrate";

/** `node` is a Node.js application without a framework that is known, `unknown` one that is not Node.js. */
export type Framework =
  "next" | "remix" | "astro" | "nest" | "express" | "fastify" | "hono" | "koa" | "node" | "unknown";

/**
 * What was found out about an application; every path is relative to `directory` unless it says otherwise.
 */
export interface Stack {
  /** Absolute path of the application. */
  directory: string;
  /** Absolute path of the repository or workspace root (equal to `directory` outside a monorepo). */
  root: string;
  name: string;
  version: string;
  framework: Framework;
  packageManager: PackageManager;
  lockfile?: string;
  /** Workspace globs of the root, empty outside a monorepo. */
  workspaces: string[];
  /** Shell-free build command; `undefined` when there is nothing to build. */
  build?: string[];
  /** Folders the build writes that a release needs. */
  buildOutputs: string[];
  start?: StartCommand;
  /** Variables that the start script sets for its program, which is started without the script. */
  startVariables?: Record<string, string>;
  /** Hot-reloading development command. */
  dev?: string[];
  health?: string;
  migrations?: { tool: MigrationToolName; directory: string };
  /** Seed command. */
  seed?: string[];
  /** Range from `engines.node`, `.nvmrc`, `.node-version` or `volta`, as written. */
  nodeVersion?: string;
  /** Names of variables that the sources read from `process.env` or `.env.example` lists. */
  variables: string[];
  /** What could not be found out, with what to write into the config. */
  unknown: Problem[];
}

/** The repository's files as detection sees them. */
export interface FileView {
  /** Paths from the root, with `/`; without `node_modules`, `.git` and build outputs. */
  readonly paths: readonly string[];
  read(path: string): Promise<string | undefined>;
}
