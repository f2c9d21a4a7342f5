import type { Config } from "fairlead";

export default {
  application: "chat",
  path: "apps/chat",
  variables: {
    SESSION_SECRET: {
      description: "Signs the session cookies; at least 32 characters",
      secret: true,
      generate: true,
    },
    LOG_LEVEL: { description: "debug, info, warn or error", default: "info" },
  },
  environments: {
    production: { from: "staging", instances: 2 },
    staging: {},
    development: { variables: { LOG_LEVEL: "debug" } },
  },
} satisfies Config;
