import { stat } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";

import { type Context, FairleadError, type Problem } from "../kernel/index.ts";
import type { Detector, Finding } from "./detector.ts";
import { build } from "./detectors/build.ts";
import { framework } from "./detectors/framework.ts";
import { health } from "./detectors/health.ts";
import { identity } from "./detectors/identity.ts";
import { packageManager } from "./detectors/lockfile.ts";
import { migrations } from "./detectors/migrations.ts";
import { nodeVersion } from "./detectors/node-version.ts";
import { seed } from "./detectors/seed.ts";
import { start } from "./detectors/start.ts";
import { variables } from "./detectors/variables.ts";
import { dependenciesOf } from "./manifest.ts";
import type { Stack } from "./port.ts";
import { type Member, type Survey, surveyFolder, surveyMember } from "./survey.ts";

/** Order matters: each detector may use what those before it found. */
const detectors: readonly Detector[] = [
  identity,
  packageManager,
  framework,
  nodeVersion,
  build,
  start,
  health,
  migrations,
  seed,
  variables,
];

/**
 * Finds out what an application is made of, by reading its files only; what can't be found out is listed in
 * `unknown`. At the root of a workspace with one application, that application is taken. Errors:
 * `directory-missing`.
 */
export async function detectStack(context: Context, directory: string): Promise<Stack> {
  const absolute = resolve(context.cwd, directory);
  const isFolder = await stat(absolute).then(
    (info) => info.isDirectory(),
    () => false,
  );
  if (!isFolder) {
    throw new FairleadError("directory-missing", `there is no folder ${absolute}`, {
      exit: "usage",
      hint: "Correct `path` in fairlead.config.ts.",
    });
  }
  const survey = await surveyFolder(absolute);
  const candidates = applicationsOf(survey);
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return detect(await surveyMember(survey, only.path));
  // As long as it is open which application is meant, the rest would be about none of them.
  if (only !== undefined)
    return detect(survey, [identity, packageManager], [severalApplications(candidates)]);
  return detect(survey);
}

async function detect(survey: Survey, wanted = detectors, unknown: Problem[] = []): Promise<Stack> {
  let found: Finding = { unknown };
  for (const detector of wanted) {
    const finding = await detector.detect(survey, found);
    found = { ...found, ...finding, unknown: [...(found.unknown ?? []), ...(finding.unknown ?? [])] };
  }
  return {
    name: "application",
    version: "0.0.0",
    framework: "unknown",
    packageManager: "npm",
    workspaces: [],
    buildOutputs: [],
    variables: [],
    unknown: [],
    ...found,
    directory: survey.directory,
    root: survey.root,
  };
}

const serverPackages = ["next", "@nestjs/core", "@remix-run/serve", "@react-router/serve", "astro"].concat([
  "express",
  "fastify",
  "hono",
  "koa",
]);

/**
 * The packages of a workspace that look like applications, asked at its root; none when the root is one
 * itself.
 */
function applicationsOf(survey: Survey): Member[] {
  if (survey.application !== "" || survey.members.length === 0) return [];
  const own = dependenciesOf(survey.manifest);
  if (serverPackages.some((name) => own.has(name))) return [];
  return survey.members.filter(({ manifest }) => {
    const names = dependenciesOf(manifest);
    const startScript = manifest.scripts?.["start"];
    return startScript !== undefined || (manifest.scripts?.["build"] && names.has("next"));
  });
}

function severalApplications(candidates: Member[]): Problem {
  const paths = candidates.map((member) => member.path.split(sep).join("/"));
  return {
    where: "path",
    message: `the workspace has several applications: ${paths.join(", ")}`,
    remedy: `say which one: path: "${paths[0] ?? ""}"`,
  };
}

/** The application's path from a folder, `.` for the folder itself. */
export function applicationPath(stack: Stack, folder: string): string {
  return relative(folder, stack.directory).split(sep).join("/") || ".";
}
