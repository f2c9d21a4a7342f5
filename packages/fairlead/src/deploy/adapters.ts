import type { LoadedConfig } from "../config/index.ts";
import { createLocalPostgres, type Database } from "../databases/index.ts";
import { createLocalPlatform, type Platform } from "../platforms/index.ts";

type PlatformName = LoadedConfig["config"]["environments"][string]["platform"];
type DatabaseName = LoadedConfig["config"]["environments"][string]["database"];

const platforms = {
  local: (loaded) =>
    createLocalPlatform({
      root: loaded.root,
      environments: Object.fromEntries(
        Object.entries(loaded.config.environments).map(([name, environment]) => [
          name,
          { port: environment.port, host: environment.host },
        ]),
      ),
    }),
} satisfies Record<PlatformName, (loaded: LoadedConfig) => Platform>;

const databases = {
  postgres: (loaded) => createLocalPostgres({ root: loaded.root, application: loaded.config.application }),
} satisfies Record<DatabaseName, (loaded: LoadedConfig) => Database>;

/** The platform of an environment, made with its own options only. */
export function platformOf(loaded: LoadedConfig, environment: string): Platform {
  return platforms[environmentConfig(loaded, environment).platform](loaded);
}

/** The database adapter of an environment. */
export function databaseOf(loaded: LoadedConfig, environment: string): Database {
  return databases[environmentConfig(loaded, environment).database](loaded);
}

function environmentConfig(loaded: LoadedConfig, environment: string) {
  const found = loaded.config.environments[environment];
  if (found === undefined) throw new TypeError(`environment ${environment} was not checked`);
  return found;
}
