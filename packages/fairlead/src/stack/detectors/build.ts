import type { Problem } from "../../kernel/index.ts";
import { binaryCommand, scriptCommand } from "../commands.ts";
import type { Detector, Finding } from "../detector.ts";
import { readNextConfig, withoutComments } from "../next-config.ts";
import { type Survey, workspaceDependencies } from "../survey.ts";

/** The build command, run in the application's folder, and the folders it writes. */
export const build: Detector = {
  name: "build",
  async detect(survey, found) {
    const command = buildCommand(survey, found);
    if (command === undefined) return { buildOutputs: [] };
    const buildOutputs = await outputsOf(survey, found);
    const unknown: Problem[] =
      buildOutputs.length > 0
        ? []
        : [
            {
              where: "build.outputs",
              message: "what the build writes is not known",
              remedy: 'name its folders: build: { outputs: ["dist"] }',
            },
          ];
    return { build: command, buildOutputs, unknown };
  },
};

function buildCommand(survey: Survey, { framework, packageManager = "npm" }: Finding): string[] | undefined {
  const { manifest, rootManifest } = survey;
  if (manifest.scripts?.["build"] === undefined) {
    const own: Partial<Record<string, string[]>> = { next: ["next", "build"], astro: ["astro", "build"] };
    const [binary, ...args] = own[framework ?? ""] ?? [];
    return binary === undefined ? undefined : binaryCommand(packageManager, binary, ...args);
  }
  const needsOthers = workspaceDependencies(survey).some((member) => member.manifest.scripts?.["build"]);
  const name = manifest.name;
  if (!needsOthers || name === undefined) return scriptCommand(packageManager, "build");
  // Packages of the workspace have to be built before the application that uses them.
  if (survey.files.paths.includes("turbo.json")) return ["turbo", "run", "build", `--filter=${name}`];
  if (packageManager === "pnpm") return ["pnpm", "--filter", `${name}...`, "run", "build"];
  if (rootManifest.scripts?.["build"] === undefined) return scriptCommand(packageManager, "build");
  const up = survey.application.replaceAll(/[^/]+/g, "..");
  if (packageManager === "npm") return ["npm", "--prefix", up, "run", "build"];
  return [packageManager, "--cwd", up, "run", "build"];
}

async function outputsOf(survey: Survey, { framework }: Finding): Promise<string[]> {
  if (framework === "next") {
    const { distDir, standalone } = await readNextConfig(survey);
    return standalone === true ? [`${distDir}/standalone`, `${distDir}/static`] : [distDir];
  }
  if (framework === "remix") return ["build"];
  if (framework === "astro") return ["dist"];
  const fromCompiler = await compilerOutput(survey);
  if (fromCompiler !== undefined) return [fromCompiler];
  const scripts = Object.values(survey.manifest.scripts ?? {}).join("\n");
  const named = /--(?:outdir|out-dir|outDir|outfile|dist)[= ](?:\.\/)?([\w.-]+)/.exec(scripts)?.[1];
  const started = /\bnode\s+(?:-\S+\s+)*(?:\.\/)?(dist|build|out|lib|\.output)\//.exec(scripts)?.[1];
  const output = named ?? started ?? (/\b(tsup|tsdown|nest|vite)\b/.test(scripts) ? "dist" : undefined);
  return output === undefined ? [] : [output];
}

async function compilerOutput(survey: Survey): Promise<string | undefined> {
  if (!/\b(tsc|nest)\b/.test(survey.manifest.scripts?.["build"] ?? "")) return undefined;
  for (const name of ["tsconfig.build.json", "tsconfig.json"]) {
    const text = withoutComments((await survey.read(name)) ?? "");
    const outDir = /"outDir"\s*:\s*"(?:\.\/)?([^"/]+)/.exec(text)?.[1];
    if (outDir !== undefined) return outDir;
  }
  return undefined;
}
