import type { Context } from "../kernel/index.ts";
import type { Stack } from "../stack/index.ts";
import type { Facts, Plan, StepName } from "./plan.ts";
import type { OpenTarget } from "./target.ts";

/** Everything a step may look at; what it finds out it returns. */
export interface Run {
  context: Context;
  target: OpenTarget;
  plan: Plan;
  /** Only while a deploy from sources is under way; whoever recovers has none. */
  stack?: Stack;
  /** Fencing token of the lease; `undefined` in the steps that change nothing yet. */
  token?: number;
  facts: Readonly<Facts>;
  options: RunOptions;
  /** Shows how far a running step is. */
  progress: (note: string) => void;
  /** Journals a fact in the middle of a step, before the step acts on it. */
  record(facts: Partial<Facts>): Promise<void>;
}

export interface RunOptions {
  acceptIrreversible: boolean;
  rebuild: boolean;
  /** Asks a person who is there; `undefined` where nobody can be asked. */
  askApproval?: (signal: AbortSignal) => Promise<boolean>;
}

export interface StepResult {
  /** For people: what was done, in a few words. */
  note: string;
  skipped?: boolean;
  facts?: Partial<Facts>;
  /** Of an undo: why the environment is not as it was, but safe. Ends the undoing. */
  attention?: string;
}

/** One step of the way of a change. Both functions are idempotent: they look before they act. */
export interface StepDefinition {
  name: StepName;
  title(plan: Plan): string;
  apply(run: Run): Promise<StepResult>;
  undo?(run: Run): Promise<StepResult>;
}
