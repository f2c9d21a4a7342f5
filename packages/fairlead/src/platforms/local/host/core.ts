import { type Clock, messageOf } from "../../../kernel/index.ts";
import type { Layout } from "../layout.ts";
import { type EnvironmentRecord, type HostConfig, writeState } from "../state.ts";

/** What all parts of a host share. */
export interface HostCore {
  clock: Clock;
  config: HostConfig;
  layout: Layout;
  state: EnvironmentRecord;
  /** The bound public socket. */
  socketDescriptor: number;
  socketInode: number;
  /** Writes the state down; resolves when everything that was changed before the call is on the disk. */
  save(): Promise<void>;
  /** Called after each report of a process and at its end. */
  onProcessChange: (deploymentId: string) => void;
  /** A line in the host's own log. */
  log(text: string): void;
}

/** Saves where nobody waits for the outcome: a full disk must not keep processes from being started again. */
export async function trySave(core: HostCore): Promise<void> {
  try {
    await core.save();
  } catch (error) {
    core.log(`cannot write the state: ${messageOf(error)}`);
  }
}

/** Makes a `save` that never writes twice at a time and joins calls that come while it writes. */
export function createSave(layout: Layout, state: EnvironmentRecord): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const write = async () => {
    next = undefined;
    running = writeState(layout, state);
    try {
      await running;
    } finally {
      running = undefined;
    }
  };
  return () => {
    next ??=
      running === undefined ? Promise.resolve().then(write) : running.catch(() => undefined).then(write);
    return next;
  };
}
