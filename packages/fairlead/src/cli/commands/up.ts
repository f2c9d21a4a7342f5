import { type Context, exitCodes, messageOf } from "../../kernel/index.ts";
import { servedTargets, startEnvironment, stopAll, supervise } from "../../server/index.ts";
import type { CommandInput } from "../command.ts";
import { journey } from "../journey.ts";
import { loadedConfig } from "../loading.ts";

/** `fairlead up [--journey] [--once]` */
export async function run(context: Context, input: CommandInput): Promise<number> {
  const loaded = await loadedConfig(context, input);
  const targets = servedTargets(loaded);
  let code: number = exitCodes.ok;
  try {
    for (const target of targets) await startEnvironment(context, target);
    if (input.options["journey"] === true) code = await journey(context, loaded);
    if (input.options["once"] === true) return code;
    context.out.note("Ctrl-C stops everything; nothing is lost.");
    await supervise(context, targets);
    return code;
  } finally {
    // What Ctrl-C has fired is the signal of this context: stopping must not be cancelled by it.
    const patient = { ...context, signal: new AbortController().signal };
    await stopAll(patient, loaded, targets).catch((error: unknown) => {
      context.out.warn(messageOf(error));
    });
  }
}
