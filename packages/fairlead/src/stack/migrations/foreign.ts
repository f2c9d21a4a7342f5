import type { Problem } from "../../kernel/index.ts";
import type { Survey } from "../survey.ts";

/** Tools that are known but not run by Fairlead, with what gives them away: a package or a file. */
const foreignTools: [tool: string, packages: string[], files: RegExp | undefined][] = [
  ["Sequelize", ["sequelize-cli", "sequelize"], /^\.sequelizerc$/],
  ["MikroORM", ["@mikro-orm/migrations", "@mikro-orm/core"], /^mikro-orm\.config\./],
  ["umzug", ["umzug"], undefined],
  ["db-migrate", ["db-migrate"], undefined],
  ["postgrator", ["postgrator", "postgrator-cli"], undefined],
  ["Flyway", ["node-flywaydb"], /^flyway\.(conf|toml)$/],
  ["Liquibase", ["liquibase"], /^liquibase\.properties$/],
  ["Supabase", ["supabase"], /^supabase\/migrations\//],
  ["Alembic", [], /^alembic\.ini$/],
  ["Atlas", [], /^atlas\.hcl$/],
  ["goose or golang-migrate", [], /(^|\/)migrations\/\d+_\w+\.up\.sql$/],
  ["Kysely's own Migrator", ["kysely"], /(^|\/)migrations\/[^/]+\.[cm]?[jt]s$/],
];

/** What to say about an application that migrates with a tool that Fairlead does not run. */
export function foreignMigrations(survey: Survey): Problem[] {
  const found = foreignTools.find(([tool, packages, files]) => {
    const byFile = files !== undefined && survey.paths.some((path) => files.test(path));
    const byPackage = packages.some((name) => survey.dependencies.has(name));
    return tool === "Kysely's own Migrator" ? byFile && byPackage : byFile || byPackage;
  });
  if (found === undefined) return [];
  const message = `${found[0]} seems to migrate the database; Fairlead does not run it`;
  const remedy =
    "move to a tool that it runs (node-pg-migrate, knex, …), or set migrations: false and migrate yourself";
  return [{ where: "migrations", message, remedy }];
}
