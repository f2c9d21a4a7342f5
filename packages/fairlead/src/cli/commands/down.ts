import { targetOf } from "../../deploy/index.ts";
import type { Context } from "../../kernel/index.ts";
import { stopAll } from "../../server/index.ts";
import type { CommandInput } from "../command.ts";
import { loadedConfig } from "../loading.ts";

/** `fairlead down [environment]` */
export async function run(context: Context, input: CommandInput): Promise<void> {
  const loaded = await loadedConfig(context, input);
  const [named] = input.positionals;
  const names = named === undefined ? Object.keys(loaded.config.environments) : [named];
  const targets = names.map((name) => targetOf(loaded, name));
  await stopAll(context, loaded, targets);
  context.out.line(`stopped: ${names.join(", ")}`);
  context.out.json({ stopped: names });
}
