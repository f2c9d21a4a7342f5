import { type Context, FairleadError, type Problem, type Secret } from "../kernel/index.ts";
import { describeUrl, withClient } from "./client.ts";
import type { Database, DatabaseState } from "./port.ts";

/** Any Postgres that somebody else runs, by one connection URL per environment. It is used, never made or deleted. */
export function createExternalPostgres(options: { urls: Record<string, Secret> }): Database {
  const urlOf = (environment: string): Secret => {
    const url = options.urls[environment];
    if (url !== undefined) return url;
    throw new FairleadError("database-missing", `${environment} has no database URL`, {
      exit: "environment",
      hint: "Give it one, or let fairlead run its database on this machine.",
    });
  };
  return {
    name: "Postgres",
    check: () => Promise.resolve(Object.entries(options.urls).flatMap(checkUrl)),
    observe: (_context, environment) => observe(environment, urlOf(environment)),
    async provision(_context, environment) {
      await withClient(urlOf(environment), (client) => client.query("select 1"));
      return observe(environment, urlOf(environment));
    },
    destroy: (_context, environment) => Promise.reject(notOurs("deleted", urlOf(environment))),
    branch: (_context, environment) => Promise.reject(notOurs("copied", urlOf(environment))),
    connection(context: Context, environment) {
      const url = urlOf(environment);
      context.out.conceal(url.reveal());
      return Promise.resolve({ url });
    },
  };
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
  const sql =
    "select current_setting('server_version') as version, pg_database_size(current_database())::float8 as size";
  try {
    return await withClient(url, async (client) => {
      const { rows } = await client.query<{ version: string; size: number }>(sql);
      const [row] = rows;
      const details =
        row === undefined ? {} : { version: row.version.replace(/ .*/, ""), sizeBytes: Math.round(row.size) };
      return { environment, exists: true, running: true, location, ...details };
    });
  } catch (error) {
    if (!(error instanceof FairleadError) || error.code !== "database-unreachable") throw error;
    return { environment, exists: false, running: false, location };
  }
}

function notOurs(what: string, url: Secret): FairleadError {
  return new FairleadError(
    "branch-unsupported",
    `${describeUrl(url)} is not run by fairlead, so it cannot be ${what} here`,
    { exit: "environment", hint: "Do that with the tools of whoever runs the database." },
  );
}
