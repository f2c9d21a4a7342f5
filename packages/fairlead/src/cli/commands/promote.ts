import { activeReleaseOf, targetOf } from "../../deploy/index.ts";
import { type Context, FairleadError } from "../../kernel/index.ts";
import type { CommandInput } from "../command.ts";
import { loadedConfig, withOpenTarget } from "../loading.ts";
import { concludeShipment, ship } from "../shipping.ts";

/** `fairlead promote <from> <to>` */
export async function run(context: Context, input: CommandInput): Promise<number> {
  const [from = "", to = ""] = input.positionals;
  if (from === to) {
    throw new FairleadError("promote-to-itself", `${from} can't be promoted to itself`, { exit: "usage" });
  }
  const loaded = await loadedConfig(context, input);
  const target = targetOf(loaded, to);
  const source = await activeReleaseOf(context, targetOf(loaded, from));
  return withOpenTarget(context, target, async (open) =>
    concludeShipment(context, open, await ship(context, open, source, input)),
  );
}
