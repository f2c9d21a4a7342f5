import type { Secret } from "../kernel/index.ts";
import type { MigrationToolName } from "../stack/index.ts";

/** One migration as its file says: its name as the tool records it, and what it can do. */
export interface Migration {
  name: string;
  /** Path of its file, from the folder of the package that holds the migrations. */
  path: string;
  /** False when the file says that there is no way down; that a way down works only a proof can tell. */
  reversible: boolean;
}

/** What the tool has recorded in a database. */
export interface AppliedMigration {
  name: string;
  /** ISO time. */
  appliedAt?: string;
  /** The tool says that it began and did not end well. */
  failed?: boolean;
}

/** Runs one SQL query; rows as objects. */
export type Query = <Row extends object>(sql: string, values?: unknown[]) => Promise<Row[]>;

/** Where an application keeps its migrations. */
export interface MigrationPlace {
  /** Absolute. */
  applicationDirectory: string;
  /** Directory of the migrations, from the application's directory. */
  directory: string;
}

/** A table of the database. */
export interface TableName {
  schema: string;
  table: string;
}

/** The knowledge of one migration tool: where its files are, what it has recorded, how it is called. */
export interface MigrationTool {
  readonly name: MigrationToolName;
  /** The migrations of a directory in the order in which they run. Errors: `migrations-missing`. */
  list(place: MigrationPlace): Promise<Migration[]>;
  /** The tool's own record, oldest first; `[]` while there is none. */
  applied(query: Query, place: MigrationPlace): Promise<AppliedMigration[]>;
  /** The tables in which the tool keeps its record, as far as they exist; left out of schema comparisons. */
  ownTables(query: Query, place: MigrationPlace): Promise<TableName[]>;
  /** The argv that brings the database up to the newest migration. */
  up(call: MigrationCall): Promise<string[]>;
  /** The commands that apply just these next migrations; absent when the tool can only apply all. */
  upOnly?(call: MigrationCall, names: readonly string[]): Promise<string[][]>;
  /**
   * The commands that undo these newest migrations, given newest first; absent when the tool has no way down.
   */
  down?(call: MigrationCall, names: readonly string[]): Promise<string[][]>;
  /** Variables the tool needs beside DATABASE_URL and the PG ones. */
  variables?(call: MigrationCall): Record<string, string | Secret>;
  /** True when each file stands alone: a copy of some of them in another directory can be run. */
  readonly standaloneFiles?: boolean;
}

export interface MigrationCall extends MigrationPlace {
  databaseUrl: Secret;
  /**
   * The argv that starts a package's binary with the Node.js that runs us. Errors: `migration-tool-missing`.
   */
  program(packageName: string, binary?: string): string[];
}
