import { binaryCommand, scriptCommand } from "../commands.ts";
import type { Detector } from "../detector.ts";

const scriptNames = ["db:seed", "seed", "database:seed", "seed:run", "prisma:seed", "db:seed:run"];

/** The command that fills a database with example data. */
export const seed: Detector = {
  name: "seed",
  detect(survey, { migrations, packageManager = "npm" }) {
    const name = scriptNames.find((script) => survey.manifest.scripts?.[script] !== undefined);
    if (name !== undefined) return { seed: scriptCommand(packageManager, name) };
    if (survey.manifest.prisma?.seed !== undefined) {
      return { seed: binaryCommand(packageManager, "prisma", "db", "seed") };
    }
    const hasKnexSeeds =
      migrations?.tool === "knex" && survey.paths.some((path) => /^(\w+\/)?seeds\/[^/]+$/.test(path));
    return hasKnexSeeds ? { seed: binaryCommand(packageManager, "knex", "seed:run") } : {};
  },
};
