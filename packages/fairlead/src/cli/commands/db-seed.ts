import { seedDatabase, stackOf } from "../../deploy/index.ts";
import { type Context, FairleadError } from "../../kernel/index.ts";
import type { CommandInput } from "../command.ts";
import { namedTarget, withOpenTarget } from "../loading.ts";

/** `fairlead db seed <environment>` */
export async function run(context: Context, input: CommandInput): Promise<void> {
  const target = await namedTarget(context, input);
  refuseProduction(target.name);
  const stack = await stackOf(context, target);
  await withOpenTarget(context, target, async (open) => {
    await seedDatabase(context, open, stack);
    context.out.line(`seeded ${target.name}`);
    context.out.json({ environment: target.name, command: stack.seed ?? [] });
  });
}

function refuseProduction(environment: string): void {
  if (environment !== "production") return;
  throw new FairleadError(
    "production-refused",
    "production is never seeded: seed data is for other environments",
    {
      exit: "usage",
      hint: "fairlead db seed development",
    },
  );
}
