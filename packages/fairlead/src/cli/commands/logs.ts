import { type Context, FairleadError } from "../../kernel/index.ts";
import type { CommandInput } from "../command.ts";
import { namedTarget } from "../loading.ts";

/** `fairlead logs <environment> [-f]` */
export async function run(context: Context, input: CommandInput): Promise<void> {
  const target = await namedTarget(context, input);
  const tail = Number(input.options["tail"] ?? 100);
  if (!Number.isInteger(tail) || tail < 0) {
    throw new FairleadError("tail-invalid", "--tail takes a whole number from 0", { exit: "usage" });
  }
  const follow = input.options["follow"] === true;
  if (follow && input.json) {
    throw new FairleadError("follow-json", "--follow and --json do not go together", { exit: "usage" });
  }
  const deployment = input.options["deployment"];
  const lines = target.platform.logs(context, {
    environment: target.name,
    ...(typeof deployment === "string" ? { deploymentId: deployment } : {}),
    tail,
    follow,
  });
  const collected: { deployment: string; text: string }[] = [];
  for await (const line of lines) {
    if (input.json) collected.push(line);
    else context.out.line(`${line.deployment} | ${line.text}`);
  }
  context.out.json(collected);
}
