import { FairleadError, type Problem, type Secret } from "../kernel/index.ts";
import { describeUrl, passwordsOf, readServerDetails, withClient } from "./client.ts";
import type { Database, DatabaseState } from "./port.ts";

/**
 * Any Postgres that somebody else runs, by one connection URL per environment. It is used, never made or
 * deleted.
 */
export function createExternalPostgres(options: { urls: Record<string, Secret> }): Database {
  const urlOf = (environment: string): Promise<Secret> => {
    const url = options.urls[environment];
    return url === undefined ? Promise.reject(noUrl(environment)) : Promise.resolve(url);
  };
  return {
    name: "Postgres",
    check: () => Promise.resolve(Object.entries(options.urls).flatMap(checkUrl)),
    observe: async (_context, environment) => observe(environment, await urlOf(environment)),
    async provision(_context, environment) {
      const url = await urlOf(environment);
      await withClient(url, (client) => client.query("select 1"));
      return observe(environment, url);
    },
    async destroy(_context, environment) {
      throw notOurs("database-external", "deleted", await urlOf(environment));
    },
    async branch(_context, environment) {
      throw notOurs("branch-unsupported", "copied", await urlOf(environment));
    },
    async connection(context, environment) {
      const url = await urlOf(environment);
      for (const password of passwordsOf(url)) context.out.conceal(password);
      return { url };
    },
  };
}

function noUrl(environment: string): FairleadError {
  return new FairleadError("database-missing", `${environment} has no database URL`, {
    exit: "environment",
    hint: "Give it one, or let fairlead run its database on this machine.",
  });
}

function checkUrl([environment, url]: [string, Secret]): Problem[] {
  const scheme = describeUrl(url).split(":")[0];
  if (scheme === "postgres" || scheme === "postgresql") return [];
  return [
    {
      where: `database of ${environment}`,
      message: "its URL cannot be read as one of Postgres",
      remedy: "write it as postgresql://role:password@host:port/database",
    },
  ];
}

async function observe(environment: string, url: Secret): Promise<DatabaseState> {
  const location = describeUrl(url);
  try {
    return { environment, exists: true, running: true, location, ...(await readServerDetails(url)) };
  } catch (error) {
    if (!(error instanceof FairleadError) || error.code !== "database-unreachable") throw error;
    return { environment, exists: false, running: false, location };
  }
}

function notOurs(code: string, what: string, url: Secret): FairleadError {
  return new FairleadError(code, `${describeUrl(url)} is not run by fairlead, so it cannot be ${what} here`, {
    exit: "environment",
    hint: "Do that with the tools of whoever runs the database.",
  });
}
