import type { Config } from "fairlead";

export default {
  application: "platform",
  // The workspace has several applications: services/api, services/web; say which one.
  // path: "services/api",
  // Each environment has a database of its own. Ports, unless said here: production 3000, staging
  // 3001, development 3002. A release reaches production after it was active in staging.
  environments: {
    development: {},
    staging: {},
    production: { from: "staging" },
  },
} satisfies Config;
