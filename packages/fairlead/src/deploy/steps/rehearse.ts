import { FairleadError } from "../../kernel/index.ts";
import { proveRollback } from "../proof.ts";
import type { StepDefinition } from "../step.ts";

/**
 * Finds out whether there is a way back before the target is touched: up, down and up again on an empty database.
 * Until the rehearsal on a clone exists, that is the proof of a down migration.
 */
export const rehearse: StepDefinition = {
  name: "rehearse",
  title: () => "Rehearse the way back",
  async apply(run) {
    const { context, target, plan, facts, options } = run;
    const { pending, source } = plan.migrations;
    if (pending.length === 0 || source === undefined || facts.applicationDirectory === undefined) {
      return { note: "no migrations", skipped: true };
    }
    const proof = await proveRollback(context, target, {
      application: facts.applicationDirectory,
      source,
      pending,
    });
    if (proof.proved) return { note: "down migrations proved on an empty database (up, down, up)" };
    const reason = proof.reason ?? "no way down";
    if (plan.rollback.code === "none") return { note: `no way down (${reason}); nothing to go back to yet` };
    if (options.acceptIrreversible) return { note: `irreversible, accepted: ${reason}` };
    throw new FairleadError("irreversible", `the migrations can't be taken back: ${reason}`, {
      hint: "Write a down migration, or accept it with --accept-irreversible. Nothing was changed.",
      details: pending,
    });
  },
};
