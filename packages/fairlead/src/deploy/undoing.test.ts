import { describe, expect, it } from "vitest";

import type { Journey } from "./journey.ts";
import type { StepDefinition, StepResult } from "./step.ts";
import { undoSteps } from "./undoing.ts";

const applied = () => Promise.resolve({ note: "" });

function step(name: StepDefinition["name"], undo?: () => Promise<StepResult>): StepDefinition {
  return { name, title: () => name, apply: applied, ...(undo === undefined ? {} : { undo }) };
}

/** A journey that only knows how to undo, and keeps in which order it was asked to. */
function journey(undone: string[]): Journey {
  return {
    reports: [],
    begun: [],
    facts: {},
    apply: () => Promise.resolve(),
    undo(definition) {
      undone.push(definition.name);
      return definition.undo?.({} as never) ?? Promise.resolve({ note: "" });
    },
  };
}

const fine = () => Promise.resolve({ note: "" });
const stays = () => Promise.resolve({ note: "", attention: "the new schema stays" });
const fails = () => Promise.reject(new Error("no connection"));

describe("undoSteps", () => {
  it("goes from the last step to the first and leaves out what cannot be undone", async () => {
    const undone: string[] = [];
    const steps = [step("mark", fine), step("migrate", fine), step("smoke"), step("switch", fine)];
    expect(await undoSteps(journey(undone), steps)).toEqual({});
    expect(undone).toEqual(["switch", "migrate", "mark"]);
  });

  it("keeps the copy from before a migration that can't be taken back", async () => {
    const undone: string[] = [];
    const result = await undoSteps(journey(undone), [step("mark", fine), step("migrate", stays)]);
    expect(result).toEqual({ attention: "the new schema stays" });
    expect(undone).toEqual(["migrate"]);
  });

  it("stops nothing and undoes nothing when traffic can't be given back", async () => {
    const undone: string[] = [];
    const steps = [step("migrate", fine), step("start", fine), step("switch", stays)];
    expect(await undoSteps(journey(undone), steps)).toMatchObject({ attention: "the new schema stays" });
    expect(undone).toEqual(["switch"]);
  });

  it("says which undo failed and goes no further", async () => {
    const undone: string[] = [];
    const result = await undoSteps(journey(undone), [step("migrate", fine), step("start", fails)]);
    expect(result).toEqual({ failure: "start: no connection" });
    expect(undone).toEqual(["start"]);
  });
});
