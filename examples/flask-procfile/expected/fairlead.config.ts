import type { Config } from "fairlead";

export default {
  application: "flask-procfile",
  // Found by itself, to be said here only where it is wrong:
  //   start: sh -c exec gunicorn shop:app --bind 127.0.0.1:$PORT
  //   health: /ping
  // Alembic seems to migrate the database; Fairlead does not run it; move to a tool that it runs
  // (node-pg-migrate, knex, …), or set migrations: false and migrate yourself.
  // migrations: false,
  // Read by the sources or set by the start script; only declared variables reach the application. Plain
  // values stand in environments.<name>.variables, secret ones never in this file. Take required: false
  // away where the application can't do without.
  variables: {
    GREETING: { required: false },
    SESSION_SECRET: { secret: true, required: false },
  },
  // Each environment has a database of its own. Ports, unless said here: production 3000, staging
  // 3001, development 3002. A release reaches production after it was active in staging.
  environments: {
    development: {},
    staging: {},
    production: { from: "staging" },
  },
} satisfies Config;
