import type { Config } from "fairlead";

export default {
  application: "ledger-api",
  // Found by itself, to be said here only where it is wrong:
  //   build: npm run build
  //   start: node --enable-source-maps --env-file-if-exists=.env dist/main.js
  //   health: /v1/healthz
  //   migrations: node-pg-migrate in db/migrations
  //   seed: npm run db:seed
  // Read by the sources or set by the start script; only declared variables reach the application. Plain
  // values stand in environments.<name>.variables, secret ones never in this file. Take required: false
  // away where the application can't do without.
  variables: {
    LOG_LEVEL: { required: false },
  },
  // Each environment has a database of its own. Ports, unless said here: production 3000, staging
  // 3001, development 3002. A release reaches production after it was active in staging.
  environments: {
    development: {},
    staging: {},
    production: { from: "staging" },
  },
} satisfies Config;
