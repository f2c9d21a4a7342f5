import { databaseStatus, migrateDatabase, stackOf } from "../../deploy/index.ts";
import { type Context, FairleadError } from "../../kernel/index.ts";
import type { CommandInput } from "../command.ts";
import { namedTarget, withOpenTarget } from "../loading.ts";

/** `fairlead db migrate <environment>` */
export async function run(context: Context, input: CommandInput): Promise<void> {
  const target = await namedTarget(context, input);
  const stack = await stackOf(context, target);
  await withOpenTarget(context, target, async (open) => {
    const pending = (await databaseStatus(context, open, stack))?.pending ?? [];
    for (const migration of pending) context.out.note(`to run on ${target.name}: ${migration.name}`);
    if (pending.length > 0 && target.name !== "development") await consent(context, target.name, input.yes);
    const applied = await migrateDatabase(context, open, stack);
    for (const name of applied) context.out.line(`applied ${name}`);
    if (applied.length === 0) context.out.line(`${target.name} has every migration`);
    context.out.json({ environment: target.name, applied });
  });
}

async function consent(context: Context, environment: string, yes: boolean): Promise<void> {
  if (yes) return;
  const question = `Migrate ${environment} outside of a deploy?`;
  if (context.out.interactive && (await context.out.confirm(question, context.signal))) return;
  throw new FairleadError("consent-needed", "nothing was migrated", {
    exit: "usage",
    hint: `A deploy migrates by itself, with a way back; --yes migrates ${environment} without one.`,
  });
}
