import { initialise } from "../../config/index.ts";
import { type Context } from "../../kernel/index.ts";
import type { Stack } from "../../stack/index.ts";

/** `fairlead init`: detects the application of this folder and writes its configuration, unless there is one. */
export async function run(context: Context): Promise<void> {
  const { written, unchanged, unknown, stack } = await initialise(context, context.cwd);
  const { out } = context;
  for (const [what, found] of describeStack(stack)) out.line(`  ${what.padEnd(11)} ${found}`);
  out.line();
  for (const file of written) out.line(`wrote ${file}`);
  for (const file of unchanged) out.line(`${file} is there already; nothing was changed`);
  if (unknown.length > 0) {
    out.line();
    out.line("Could not be found out:");
    for (const { where, message, remedy } of unknown) {
      out.line(`  ${where}: ${message}`);
      if (remedy !== undefined) out.line(`    → ${remedy}`);
    }
  }
  out.line();
  out.line("Next: fairlead doctor");
  out.json({ written, unchanged, unknown, stack });
}

function describeStack(stack: Stack): [string, string][] {
  const { start, migrations } = stack;
  const startLine =
    start?.kind === "node" ? ["node", ...start.nodeArgs, start.entry, ...start.args] : start?.argv;
  const found: [string, string | undefined][] = [
    ["application", `${stack.name} ${stack.version} in ${stack.directory}`],
    ["framework", stack.framework === "unknown" ? undefined : stack.framework],
    ["packages", stack.packageManager + (stack.lockfile === undefined ? "" : ` (${stack.lockfile})`)],
    ["build", stack.build?.join(" ")],
    ["start", startLine?.join(" ")],
    ["health", stack.health],
    ["migrations", migrations === undefined ? undefined : `${migrations.tool} in ${migrations.directory}`],
    ["Node.js", stack.nodeVersion],
  ];
  return found.map(([what, value]) => [what, value ?? "–"]);
}
