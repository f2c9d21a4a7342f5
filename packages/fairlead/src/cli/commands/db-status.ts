import { databaseStatus, stackOf } from "../../deploy/index.ts";
import type { Context } from "../../kernel/index.ts";
import type { CommandInput } from "../command.ts";
import { namedTarget, withOpenTarget } from "../loading.ts";

/** `fairlead db status <environment>` */
export async function run(context: Context, input: CommandInput): Promise<void> {
  const target = await namedTarget(context, input);
  const stack = await stackOf(context, target);
  await withOpenTarget(context, target, async (open) => {
    const database = await target.database.observe(context, target.name);
    const status = await databaseStatus(context, open, stack);
    const size = `${((database.sizeBytes ?? 0) / 1_048_576).toFixed(1)} MB`;
    context.out.line(`${target.name}: PostgreSQL ${database.version ?? "?"}, ${size}, ${database.location}`);
    if (status === undefined) context.out.line("no migration tool was found in this application");
    for (const migration of status?.applied ?? []) {
      context.out.line(`  applied  ${migration.name}  ${migration.appliedAt ?? ""}`.trimEnd());
    }
    for (const migration of status?.pending ?? []) {
      context.out.line(`  pending  ${migration.name}${migration.reversible ? "" : "  (no way down)"}`);
    }
    for (const migration of status?.unknown ?? []) {
      context.out.line(`  unknown  ${migration.name}  (in the database, not among the files)`);
    }
    context.out.json({ database, migrations: status ?? null });
  });
}
