import type { Detector } from "../detector.ts";
import { codeRoutes } from "../health/code-routes.ts";
import { fileRoutes } from "../health/file-routes.ts";
import { compareRoutes, type HealthRoute, isHealthPath } from "../health/names.ts";
import { readSources } from "../sources.ts";

const where = "health.path";
const remedy = 'name a path that answers 200 when the application is well: health: { path: "/" }';

/** The path that tells whether the application is well, by the routes that its files and its code declare. */
export const health: Detector = {
  name: "health",
  async detect(survey, { framework = "unknown" }) {
    const sources = await readSources(survey, { withPackages: false });
    const byFile = (await fileRoutes(survey, framework, sources))
      .filter((route) => isHealthPath(route.path))
      .map((route): HealthRoute => ({ ...route, certain: true }));
    // In a framework with routes by file, a path in the code is more likely one that is called.
    const routes = ["next", "remix", "astro", "nest"].includes(framework) ? byFile : codeRoutes(sources);
    const [best] = routes.sort(compareRoutes);
    if (best?.certain === true) return { health: best.path };
    if (best === undefined)
      return { unknown: [{ where, message: "no route about health was found", remedy }] };
    const message = `${best.file} has ${best.path}, but on a router of which the place was not found`;
    return { unknown: [{ where, message, remedy }] };
  },
};
