import type { Config } from "fairlead";

export default {
  application: "links",
  // Found by itself, to be said here only where it is wrong:
  //   start: node --import tsx src/index.ts
  //   health: /api/livez
  //   migrations: kysely-ctl in db/migrations
  // `kysely migrate:latest` of the start script is left out: migrations run once, before a release
  // starts; see that `migrations` names the same tool.
  // Read by the sources or set by the start script; only declared variables reach the application. Plain
  // values stand in environments.<name>.variables, secret ones never in this file. Take required: false
  // away where the application can't do without.
  variables: {
    FALLBACK_URL: { required: false },
  },
  // Each environment has a database of its own. Ports, unless said here: production 3000, staging
  // 3001, development 3002. A release reaches production after it was active in staging.
  environments: {
    development: {},
    staging: {},
    production: { from: "staging" },
  },
} satisfies Config;
