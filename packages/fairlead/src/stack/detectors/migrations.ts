import { posix } from "node:path";

import type { Problem } from "../../kernel/index.ts";
import type { Detector } from "../detector.ts";
import { type FoundMigrations, migrationFinders } from "../migrations/finders.ts";
import { foreignMigrations } from "../migrations/foreign.ts";
import { type Survey, surveyMember, workspaceDependencies } from "../survey.ts";

const where = "migrations";

/**
 * The migration tool with the folder of its migrations, in the application or in a package of the workspace
 * that it uses.
 */
export const migrations: Detector = {
  name: "migrations",
  async detect(survey) {
    const own = await findIn(survey);
    const others = own.length > 0 ? [] : await findInPackages(survey);
    const [chosen, ...rest] = [...own, ...others];
    if (chosen === undefined) return { unknown: foreignMigrations(survey) };
    return {
      ...(chosen.directory === undefined
        ? {}
        : { migrations: { tool: chosen.tool, directory: chosen.directory } }),
      unknown: [...chosen.problems, ...severalTools(chosen, rest)],
    };
  },
};

async function findIn(survey: Survey): Promise<FoundMigrations[]> {
  const found: FoundMigrations[] = [];
  for (const finder of migrationFinders) {
    const result = await finder(survey);
    if (result !== undefined) found.push(result);
  }
  return found;
}

// A folder of another package is named from the application: `../../packages/db/migrations`.
async function findInPackages(survey: Survey): Promise<FoundMigrations[]> {
  const found: FoundMigrations[] = [];
  for (const member of workspaceDependencies(survey)) {
    for (const result of await findIn(await surveyMember(survey, member.path))) {
      const way = posix.relative(survey.application, member.path);
      found.push({
        ...result,
        ...(result.directory === undefined ? {} : { directory: posix.join(way, result.directory) }),
      });
    }
  }
  return found;
}

function severalTools(chosen: FoundMigrations, rest: FoundMigrations[]): Problem[] {
  const others = [...new Set(rest.map((result) => result.tool))].filter((tool) => tool !== chosen.tool);
  if (others.length === 0) return [];
  const message = `there are several migration tools: ${chosen.tool} is taken, not ${others.join(", ")}`;
  return [{ where, message, remedy: `say which one: migrations: { tool: "${others[0] ?? ""}" }` }];
}
