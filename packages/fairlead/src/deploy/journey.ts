import { cancelled, type Context, messageOf, withSignal } from "../kernel/index.ts";
import type { Stack } from "../stack/index.ts";
import { type JournalPhase, type Lease, writeJournal } from "../state/index.ts";
import type { Facts, Plan, StepReport } from "./plan.ts";
import type { Run, RunOptions, StepDefinition, StepResult } from "./step.ts";
import type { OpenTarget } from "./target.ts";

/** A plan on its way: which steps have begun, what they found out, how they went. */
export interface Journey {
  readonly reports: StepReport[];
  readonly begun: StepDefinition[];
  facts: Facts;
  lease?: Lease;
  /** Applies one step between its two journal entries. */
  apply(step: StepDefinition): Promise<void>;
  /** Undoes one step likewise. */
  undo(step: StepDefinition): Promise<StepResult>;
}

export interface JourneyInput {
  context: Context;
  target: OpenTarget;
  plan: Plan;
  stack?: Stack;
  options: RunOptions;
  /** What an interrupted deployer had found out. */
  facts?: Facts;
}

/** Makes the journey of a plan; `facts` and `lease` may be set before it goes on. */
export function createJourney(input: JourneyInput): Journey {
  const { target, plan } = input;
  const journey: Journey = {
    reports: [],
    begun: [],
    facts: input.facts ?? {},
    async apply(step) {
      journey.begun.push(step);
      const context = withSignal(input.context, signalFor(step, input, journey));
      await perform(step.name, step.title(plan), ["intent", "done", "failed"], context, (run) =>
        step.apply(run),
      );
    },
    undo(step) {
      const undo = step.undo;
      if (undo === undefined) return Promise.resolve({ note: "nothing to undo", skipped: true });
      const context = withSignal(input.context, journey.lease?.lost ?? new AbortController().signal);
      const phases = ["undo-intent", "undo-done", "undo-failed"] as const;
      return perform(`undo ${step.name}`, `Undo: ${step.title(plan)}`, phases, context, undo);
    },
  };

  function journal(step: string, phase: JournalPhase, detail: object): Promise<void> {
    return writeJournal(target.state, {
      planId: plan.id,
      ...(journey.lease === undefined ? {} : { token: journey.lease.token }),
      step: step.replace("undo ", ""),
      phase,
      detail: { ...detail },
    });
  }

  async function perform(
    name: StepReport["name"],
    title: string,
    [intent, done, failed]: readonly [JournalPhase, JournalPhase, JournalPhase],
    context: Context,
    action: (run: Run) => Promise<StepResult>,
  ): Promise<StepResult> {
    const startedAt = context.clock.now();
    const line = context.out.step(title);
    const report = (outcome: StepReport["outcome"], note: string) =>
      journey.reports.push({ name, outcome, note, durationMs: context.clock.now() - startedAt });
    try {
      // After the switch, Ctrl-C only cuts the watch short.
      if (journey.facts.switched !== true && context.signal.aborted) throw cancelled();
      await journal(name, intent, {});
      context.reached?.(`${name}:intent`);
      const result = await action(
        runOf(name, context, (note) => {
          line.update(note);
        }),
      );
      journey.facts = { ...journey.facts, ...result.facts };
      await journal(name, done, result.facts ?? {});
      context.reached?.(`${name}:done`);
      line[result.skipped === true ? "skip" : "done"](result.note);
      report(result.skipped === true ? "skipped" : "done", result.note);
      return result;
    } catch (error) {
      line.fail(messageOf(error));
      report("failed", messageOf(error));
      await journal(name, failed, { message: messageOf(error) }).catch(() => undefined);
      throw error;
    }
  }

  function runOf(step: string, context: Context, progress: Run["progress"]): Run {
    return {
      context,
      target,
      plan,
      facts: journey.facts,
      progress,
      options: input.options,
      ...(input.stack === undefined ? {} : { stack: input.stack }),
      ...(journey.lease === undefined ? {} : { token: journey.lease.token }),
      async record(found) {
        journey.facts = { ...journey.facts, ...found };
        await journal(step, "event", found);
        context.reached?.(`${step}:event`);
      },
    };
  }
  return journey;
}

// After the switch the change is *after*: Ctrl-C may cut the watch short, but settling goes on.
function signalFor(step: StepDefinition, input: JourneyInput, journey: Journey): AbortSignal {
  const lost = journey.lease?.lost;
  if (lost === undefined) return input.context.signal;
  return step.name === "settle" ? lost : AbortSignal.any([input.context.signal, lost]);
}
