import type { Counts } from "../port.ts";

/** Raised whenever a message changes its meaning; a host and a command of different versions say so. */
export const protocolVersion = 1;

/** The variable that tells the agent its task; the agent removes it before the application runs. */
export const agentVariable = "FAIRLEAD_AGENT";

/** How many copies of the public socket a process gets: each `accept` uses one up, the last is for a successor host. */
export const socketCopies = 16;

/** Where the copies of the public socket begin in a process that the host started. */
export const firstSocketDescriptor = 3;

/** How the agent of a process starts a host when its own is gone. */
export interface SuccessorCommand {
  argv: string[];
  env: Record<string, string>;
  cwd: string;
  logFile: string;
  lockFile: string;
  historyFile: string;
}

/** What the host tells an application process, as JSON in {@link agentVariable}. */
export interface AgentTask {
  deployment: string;
  /** Names this one process. */
  key: string;
  controlSocket: string;
  publicPort: number;
  copies: number;
  successor: SuccessorCommand;
  /** Set for a pass-through process: the command that it runs. */
  command?: string[];
}

/** A server of the application: the port it asked for, and the private one it got instead. */
export interface Listener {
  declaredPort: number;
  port: number;
  /** `relay`: TCP without HTTP; bytes are passed to the private port. */
  protocol: "http" | "https" | "relay";
}

export interface AgentStatus {
  listeners: Listener[];
  /** The server that answers the public address. */
  main?: Listener;
  /** Why there is no main server although something listens. */
  problem?: string;
  accepting: boolean;
  /** Released, and public connections remain. */
  draining: boolean;
  /** Copies of the public socket that are left. */
  copies: number;
  counts: Counts;
}

export type AgentMessage =
  | { type: "hello"; deployment: string; key: string; pid: number; socketInode: number; status: AgentStatus }
  | { type: "status"; status: AgentStatus }
  | { type: "done"; id: number; error?: string };

export type AgentOrder =
  | { type: "accept"; id: number }
  | { type: "release"; id: number; drainTimeoutMs: number; quick: boolean }
  | { type: "bye" };

export interface HostRequest {
  type: "request";
  id: number;
  method: string;
  params: unknown;
}

export interface HostFailure {
  code: string;
  message: string;
  hint?: string;
  exit?: string;
  details?: string[];
}

export interface HostResponse {
  id: number;
  result?: unknown;
  error?: HostFailure;
}
