import type { Secret } from "../kernel/index.ts";
import type { MigrationToolName } from "../stack/index.ts";

/** One migration as its file says: its name as the tool records it, and what it can do. */
export interface Migration {
  name: string;
  /** Path of its file or folder, from the application's directory. */
  path: string;
  /** True when the file has a way down. */
  reversible: boolean;
}

/** What the tool has recorded in a database. */
export interface AppliedMigration {
  name: string;
  appliedAt?: string;
  /** The tool says that it began and did not end well. */
  failed?: boolean;
}

/** Runs one SQL query; rows as objects. */
export type Query = <Row extends object>(sql: string, values?: unknown[]) => Promise<Row[]>;

/** The knowledge of one migration tool: where its files are, what it has recorded, how it is called. */
export interface MigrationTool {
  readonly name: MigrationToolName;
  /** The migrations of a directory in the order in which they run. */
  list(directory: string): Promise<Migration[]>;
  /** Reads the tool's own table; `[]` while there is none. */
  applied(query: Query): Promise<AppliedMigration[]>;
  /** The argv that brings the database up to the newest migration; `program` resolves a package's binary. */
  up(call: MigrationCall): string[];
  /** The argv that undoes the last `count`; absent when the tool has no way down. */
  down?(call: MigrationCall, count: number): string[];
}

export interface MigrationCall {
  /** Directory of the migrations, from the application's directory. */
  directory: string;
  databaseUrl: Secret;
  /** Gives the argv that starts a package's binary with the Node.js that runs us: `["node", ".../bin.js"]`. */
  program(packageName: string, binary?: string): string[];
}
