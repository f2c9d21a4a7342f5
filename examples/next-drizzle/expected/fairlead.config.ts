import type { Config } from "fairlead";

export default {
  application: "storefront",
  // Found by itself, to be said here only where it is wrong:
  //   build: pnpm run build
  //   start: node .next/standalone/server.js
  //   health: /shop/api/health
  //   migrations: drizzle-kit in src/db/migrations
  // Read by the sources or set by the start script; only declared variables reach the application. Plain
  // values stand in environments.<name>.variables, secret ones never in this file. Take required: false
  // away where the application can't do without.
  variables: {
    NEXT_PUBLIC_SHOP_NAME: { required: false },
    STRIPE_SECRET_KEY: { secret: true, required: false },
    STRIPE_WEBHOOK_SECRET: { secret: true, required: false },
  },
  // Each environment has a database of its own. Ports, unless said here: production 3000, staging
  // 3001, development 3002. A release reaches production after it was active in staging.
  environments: {
    development: {},
    staging: {},
    production: { from: "staging" },
  },
} satisfies Config;
