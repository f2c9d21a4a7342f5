import type { StartCommand } from "../port.ts";

/** What one command of a start script does. */
export type StartPart =
  | { kind: "node"; start: Extract<StartCommand, { kind: "node" }>; variables: Record<string, string> }
  /** Changes the database's schema. */
  | { kind: "migration"; text: string }
  /** Builds, seeds, waits, makes folders: not what stays running. */
  | { kind: "preparation"; text: string }
  /** Anything else, with the reason why it is no Node.js entry. */
  | { kind: "other"; text: string; reason: string };

/** A command as it stands after the words around it are taken off. */
export interface BareCommand {
  argv: string[];
  variables: Record<string, string>;
}
