import type { Stack } from "./port.ts";
import type { Survey } from "./survey.ts";

/** The part of a stack that one detector finds; `unknown` is added to what the others could not find out. */
export type Finding = Partial<Omit<Stack, "directory" | "root">>;

/** Finds out one thing about an application; `found` is what the detectors before it know. */
export interface Detector {
  readonly name: string;
  detect(survey: Survey, found: Finding): Promise<Finding> | Finding;
}
