import { rollBack } from "../../deploy/index.ts";
import { type Context, FairleadError, formatDuration } from "../../kernel/index.ts";
import type { CommandInput } from "../command.ts";
import { namedTarget } from "../loading.ts";

/** `fairlead rollback <environment> [--to <deployment>] [--with-schema]` */
export async function run(context: Context, input: CommandInput): Promise<void> {
  const target = await namedTarget(context, input);
  const to = input.options["to"];
  const withSchema = input.options["with-schema"] === true;
  if (withSchema) await consent(context, target.name, input.yes);
  const report = await rollBack(context, target, {
    withSchema,
    ...(typeof to === "string" ? { to } : {}),
  });
  const took = formatDuration(report.tookMs);
  context.out.line(`${target.name} is back on ${report.release} (${report.to}) after ${took}`);
  context.out.line(`schema: ${report.schema}`);
  if (report.offline)
    context.out.line("the database did not answer: journalled on this machine until it does");
  context.out.json(report);
}

async function consent(context: Context, environment: string, yes: boolean): Promise<void> {
  if (yes) return;
  const question = `Undo migrations of ${environment}? What was written into the things they drop is lost.`;
  if (context.out.interactive && (await context.out.confirm(question, context.signal))) return;
  throw new FairleadError("consent-needed", "undoing migrations needs consent; nothing was changed", {
    exit: "usage",
    hint: "Accept it with --yes.",
  });
}
