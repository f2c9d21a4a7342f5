import { activeReleaseOf, makePlan, renderPlan, sourcesOf, targetOf } from "../../deploy/index.ts";
import type { Context } from "../../kernel/index.ts";
import type { CommandInput } from "../command.ts";
import { loadedConfig, withOpenTarget } from "../loading.ts";

/** `fairlead plan <environment> [--from <environment>]` */
export async function run(context: Context, input: CommandInput): Promise<void> {
  const loaded = await loadedConfig(context, input);
  const target = targetOf(loaded, input.positionals[0] ?? "");
  const from = input.options["from"];
  const source =
    typeof from === "string"
      ? await activeReleaseOf(context, targetOf(loaded, from))
      : await sourcesOf(context, target);
  await withOpenTarget(context, target, async (open) => {
    const plan = await makePlan(context, open, source);
    for (const line of renderPlan(plan)) context.out.line(line);
    context.out.json(plan);
  });
}
