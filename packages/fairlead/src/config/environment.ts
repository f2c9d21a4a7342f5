import { didYouMean, FairleadError } from "../kernel/index.ts";
import type { LoadedConfig } from "./load.ts";
import type { EnvironmentConfig } from "./schema.ts";

/** The configuration of one environment. Errors: `environment-unknown` with the nearest name. */
export function environmentOf(loaded: LoadedConfig, name: string): EnvironmentConfig {
  const environments = loaded.config.environments;
  const found = Object.hasOwn(environments, name) ? environments[name] : undefined;
  if (found !== undefined) return found;
  const names = Object.keys(environments);
  throw new FairleadError(
    "environment-unknown",
    `there is no environment ${name}${didYouMean(name, names)}`,
    { exit: "usage", hint: `Environments of ${loaded.file}: ${names.join(", ")}.` },
  );
}
