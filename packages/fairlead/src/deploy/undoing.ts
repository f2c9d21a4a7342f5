import { messageOf } from "../kernel/index.ts";
import type { Journey } from "./journey.ts";
import type { StepDefinition } from "./step.ts";

export interface Undone {
  /** Why the environment is not as it was, but safe. */
  attention?: string;
  /** An undo that did not work; what came before it in the order of undoing is undone. */
  failure?: string;
}

/** Undoes steps that have begun, the last one first; stops where going further back would not be safe. */
export async function undoSteps(journey: Journey, begun: readonly StepDefinition[]): Promise<Undone> {
  let attention: string | undefined;
  for (const step of begun.toReversed()) {
    if (step.undo === undefined) continue;
    // The copy from before the migration is what is left to go back to: it stays as long as the schema is not undone.
    if (step.name === "mark" && attention !== undefined) continue;
    try {
      const result = await journey.undo(step);
      if (result.attention === undefined) continue;
      attention = result.attention;
      // The new release could not be taken from the public: then it must not be stopped either.
      if (step.name === "switch") return { attention };
    } catch (error) {
      return { failure: `${step.name}: ${messageOf(error)}` };
    }
  }
  return attention === undefined ? {} : { attention };
}
