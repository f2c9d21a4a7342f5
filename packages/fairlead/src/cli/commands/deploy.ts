import { sourcesOf } from "../../deploy/index.ts";
import type { Context } from "../../kernel/index.ts";
import type { CommandInput } from "../command.ts";
import { namedTarget, withOpenTarget } from "../loading.ts";
import { concludeShipment, ship } from "../shipping.ts";

/** `fairlead deploy <environment>` */
export async function run(context: Context, input: CommandInput): Promise<number> {
  const target = await namedTarget(context, input);
  const source = await sourcesOf(context, target);
  return withOpenTarget(context, target, async (open) =>
    concludeShipment(context, open, await ship(context, open, source, input)),
  );
}
