import type { Config } from "fairlead";

export default {
  application: "guest-book-2",
  // Found by itself, to be said here only where it is wrong:
  //   build: npm run build
  //   start: node app.js
  //   health: /book/ping
  // `sequelize db:migrate` of the start script is left out: migrations run once, before a release
  // starts; see that `migrations` names the same tool.
  // `sleep 1` of the start script is left out; move it into the build script if a release needs it.
  // The script prestart (npm run build) is not run; move what a release needs into the build script.
  // What the build writes is not known; name its folders.
  // build: { outputs: ["dist"] },
  // Sequelize seems to migrate the database; Fairlead does not run it; move to a tool that it runs
  // (node-pg-migrate, knex, …), or set migrations: false and migrate yourself.
  // migrations: false,
  // Read by the sources or set by the start script; only declared variables reach the application. Plain
  // values stand in environments.<name>.variables, secret ones never in this file. Take required: false
  // away where the application can't do without.
  variables: {
    TITLE: "Guest book",
  },
  // Each environment has a database of its own. Ports, unless said here: production 3000, staging
  // 3001, development 3002. A release reaches production after it was active in staging.
  environments: {
    development: {},
    staging: {},
    production: { from: "staging" },
  },
} satisfies Config;
