import { loadConfig, type LoadedConfig } from "../config/index.ts";
import { openTarget, type OpenTarget, type Target, targetOf } from "../deploy/index.ts";
import type { Context } from "../kernel/index.ts";
import type { CommandInput } from "./command.ts";

/** The configuration a command works with: `--config`, else the nearest `fairlead.config.ts`. */
export function loadedConfig(context: Context, input: CommandInput): Promise<LoadedConfig> {
  const file = input.options["config"];
  return loadConfig(context, typeof file === "string" ? { file } : {});
}

/** The target of the environment that a command names first. */
export async function namedTarget(context: Context, input: CommandInput): Promise<Target> {
  return targetOf(await loadedConfig(context, input), input.positionals[0] ?? "");
}

/** Opens a target for the time of some work, and closes it whatever happens. */
export async function withOpenTarget<T>(
  context: Context,
  target: Target,
  work: (open: OpenTarget) => Promise<T>,
): Promise<T> {
  const open = await openTarget(context, target);
  try {
    return await work(open);
  } finally {
    await open.state.close();
  }
}
