import type { Context, Problem, Secret } from "../kernel/index.ts";

export interface DatabaseState {
  environment: string;
  exists: boolean;
  running: boolean;
  /** `15.18`; `undefined` while it is not known. */
  version?: string;
  sizeBytes?: number;
  /** For people: where it lives and with which binaries. */
  location: string;
}

/** A copy of an environment's database as of one moment. */
export interface Branch {
  name: string;
  environment: string;
  createdAt: string;
  sizeBytes: number;
  tookMs: number;
  /** How the copy was made: `physical copy`, `branch`, `dump`. */
  method: string;
}

export interface Connection {
  /** `postgresql://role:password@host:port/database`. */
  url: Secret;
}

/** A place where each environment has a Postgres database of its own. Everything else goes over the connection. */
export interface Database {
  readonly name: string;
  /** What stands in the way of using it on this machine. */
  check(context: Context): Promise<Problem[]>;
  observe(context: Context, environment: string): Promise<DatabaseState>;
  /** Creates the database where there is none, starts it where it does not run; idempotent. */
  provision(context: Context, environment: string): Promise<DatabaseState>;
  /** Deletes the database with its branches for good; idempotent. */
  destroy(context: Context, environment: string): Promise<void>;
  /** Makes (or finds) the copy of that name, while the source goes on serving. */
  branch(context: Context, environment: string, name: string): Promise<Branch>;
  connection(context: Context, environment: string): Promise<Connection>;
  /** Of databases that we run ourselves. */
  readonly lifecycle?: DatabaseLifecycle;
  /** Of databases that can keep copies and go back to one. */
  readonly branches?: DatabaseBranches;
}

export interface DatabaseLifecycle {
  /** Stops the server cleanly; idempotent. */
  stop(context: Context, environment: string): Promise<void>;
}

export interface DatabaseBranches {
  list(context: Context, environment: string): Promise<Branch[]>;
  delete(context: Context, environment: string, name: string): Promise<void>;
  /** Starts the copy as a database of its own and gives its connection; idempotent. */
  open(context: Context, environment: string, name: string): Promise<Connection>;
  /** Stops a copy that was opened; idempotent. */
  close(context: Context, environment: string, name: string): Promise<void>;
  /** Puts the copy in the place of the environment's database; what was written since is lost. */
  restore(context: Context, environment: string, name: string): Promise<void>;
}
