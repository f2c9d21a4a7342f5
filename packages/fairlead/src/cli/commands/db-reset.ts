import { emptyDatabase, migrateDatabase, schemasOf, seedDatabase, stackOf } from "../../deploy/index.ts";
import { type Context, FairleadError } from "../../kernel/index.ts";
import type { CommandInput } from "../command.ts";
import { namedTarget, withOpenTarget } from "../loading.ts";

/** `fairlead db reset <environment>` */
export async function run(context: Context, input: CommandInput): Promise<void> {
  const target = await namedTarget(context, input);
  if (target.name === "production") {
    throw new FairleadError("production-refused", "production is never reset", { exit: "usage" });
  }
  const stack = await stackOf(context, target);
  await withOpenTarget(context, target, async (open) => {
    const schemas = await schemasOf(open);
    const loss = schemas.map(({ name, tables }) => `${name} (${String(tables)} tables)`).join(", ");
    context.out.note(`everything in these schemas of ${target.name} is dropped: ${loss || "none"}`);
    await consent(context, target.name, input.yes);
    const { copy } = await emptyDatabase(context, open);
    const applied = stack.migrations === undefined ? [] : await migrateDatabase(context, open, stack);
    const seeded = stack.seed !== undefined;
    if (seeded) await seedDatabase(context, open, stack);
    context.out.line(
      `${target.name} is new: ${String(applied.length)} migrations${seeded ? ", seeded" : ""}`,
    );
    if (copy !== undefined) context.out.line(`a copy from before is kept: ${copy}`);
    context.out.json({ environment: target.name, applied, seeded, copy: copy ?? null });
  });
}

async function consent(context: Context, environment: string, yes: boolean): Promise<void> {
  if (yes) return;
  const question = `Drop everything in ${environment}?`;
  if (context.out.interactive && (await context.out.confirm(question, context.signal))) return;
  throw new FairleadError("consent-needed", "nothing was reset", {
    exit: "usage",
    hint: "Accept it with --yes.",
  });
}
