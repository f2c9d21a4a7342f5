import type { DeploymentRecord } from "../state.ts";
import type { AppProcess } from "./app-process.ts";

/** A deployment with its processes. */
export interface Deployment {
  readonly record: DeploymentRecord;
  /** The current process of each instance. */
  readonly processes: (AppProcess | undefined)[];
  /** No process is started any more. */
  isStopping: boolean;
  /** Times of the crashes within the window. */
  crashes: number[];
  /** Fires when `isStopping` becomes true. */
  readonly stopped: AbortController;
  /** Settles when every instance was healthy once; rejects with `start-failed`. */
  startup: Promise<void>;
}
