import type { Problem } from "../../kernel/index.ts";
import { binaryCommand, scriptCommand } from "../commands.ts";
import type { Detector, Finding } from "../detector.ts";
import { readNextConfig } from "../next-config.ts";
import type { PackageManager, StartCommand } from "../port.ts";
import type { StartPart } from "../start/part.ts";
import { partsOfCommand, partsOfScript } from "../start/parts.ts";
import { foreignBuild, foreignStart } from "../start/procfile.ts";
import type { Survey } from "../survey.ts";

const where = "start";
/** Set by the platform for every deployment. */
const platformVariables = new Set(["NODE_ENV", "PORT", "HOST", "HOSTNAME"]);

/**
 * How the application is started: as a Node.js entry where that can be told, else by its own start script.
 */
export const start: Detector = {
  name: "start",
  async detect(survey, found) {
    if (!survey.hasManifest) return startForeign(survey);
    const dev = devCommand(survey, found);
    const standalone = await startStandalone(survey, found);
    const result = standalone ?? startScript(survey, found);
    return { ...result, ...(dev === undefined ? {} : { dev }) };
  },
};

function devCommand(survey: Survey, { packageManager = "npm", framework }: Finding): string[] | undefined {
  const name = ["dev", "develop", "start:dev", "dev:server", "watch"].find(
    (script) => survey.manifest.scripts?.[script] !== undefined,
  );
  if (name !== undefined) return scriptCommand(packageManager, name);
  return framework === "next" ? binaryCommand(packageManager, "next", "dev") : undefined;
}

async function startForeign(survey: Survey): Promise<Finding> {
  const command = await foreignStart(survey);
  const built = foreignBuild(survey) ?? {};
  if (command !== undefined) return { ...built, start: command };
  return { ...built, unknown: [unknownStart("there is neither a package.json nor a Procfile")] };
}

// The server that the build leaves in the standalone folder needs nothing else, whatever the start script
// says.
async function startStandalone(survey: Survey, { framework }: Finding): Promise<Finding | undefined> {
  if (framework !== "next") return undefined;
  const { distDir, standalone } = await readNextConfig(survey);
  if (standalone === undefined) {
    const message = "next.config decides elsewhere whether its output is standalone";
    return {
      ...startScript(survey, { framework }),
      unknown: [{ where: "build.outputs", message, remedy: standaloneRemedy }],
    };
  }
  const parts = standalone ? scriptParts(survey, "next start") : [];
  const own = parts.find(
    (part) => part.kind === "node" && !part.start.entry.includes(`${distDir}/standalone`),
  );
  const runsOwnServer = own?.kind === "node" && !own.start.entry.includes("node_modules/");
  if (!standalone || runsOwnServer) return undefined;
  const folder = [distDir, "standalone", survey.application].filter((part) => part !== "").join("/");
  return { start: { kind: "node", entry: `${folder}/server.js`, args: [], nodeArgs: [] } };
}

const standaloneRemedy = 'write output: "standalone" for releases, or name the outputs of the build';

function scriptParts(survey: Survey, fallbackCommand: string | undefined): StartPart[] {
  const name = startScriptName(survey);
  if (name !== undefined) return partsOfScript(survey, name);
  const argv = fallbackCommand?.split(" ") ?? [];
  return argv.length === 0 ? [] : partsOfCommand(survey, { argv, variables: {}, after: "", dynamic: false });
}

function startScriptName({ manifest }: Survey): string | undefined {
  return ["start:prod", "start:production", "start", "serve", "prod"].find(
    (script) => manifest.scripts?.[script] !== undefined && !isDevelopment(manifest.scripts[script] ?? ""),
  );
}

function isDevelopment(script: string): boolean {
  return /--watch\b|\bnodemon\b|\btsx watch\b|\bnext dev\b|\bts-node-dev\b/.test(script);
}

function startScript(survey: Survey, { framework, packageManager = "npm" }: Finding): Finding {
  const parts = scriptParts(survey, framework === "next" ? "next start" : defaultStart(survey));
  if (parts.length === 0) return { unknown: [unknownStart("there is no start script")] };
  const nodes = parts.filter((part) => part.kind === "node");
  const others = parts.filter((part) => part.kind === "other");
  const [only] = nodes;
  if (nodes.length !== 1 || others.length > 0 || only === undefined) {
    return { start: fallback(survey, packageManager), unknown: [unresolved(parts)] };
  }
  const startVariables = ownVariables(only.variables);
  return {
    start: only.start,
    ...(Object.keys(startVariables).length === 0 ? {} : { startVariables }),
    unknown: [...leftOut(parts), ...hooks(survey)],
  };
}

// npm starts server.js where there is no script (docs.npmjs.com/cli/commands/npm-start).
function defaultStart(survey: Survey): string | undefined {
  if (survey.has("server.js")) return "node server.js";
  const { main } = survey.manifest;
  return main !== undefined && survey.has(main.replace(/^\.\//, "")) ? `node ${main}` : undefined;
}

function fallback(survey: Survey, manager: PackageManager): StartCommand {
  return { kind: "command", argv: scriptCommand(manager, startScriptName(survey) ?? "start") };
}

function unknownStart(message: string): Problem {
  return { where, message, remedy: 'say how it is started: start: ["node", "server.js"]' };
}

function unresolved(parts: StartPart[]): Problem {
  const other = parts.find((part) => part.kind === "other");
  const nodes = parts.filter((part) => part.kind === "node");
  const reason =
    other === undefined ? `it starts ${String(nodes.length)} programs` : `${other.text}: ${other.reason}`;
  return {
    where,
    message: `the start script is run as it is, through a pass-through process (${reason})`,
    remedy: 'name the Node.js file that listens: start: ["node", "dist/server.js"]',
  };
}

function leftOut(parts: StartPart[]): Problem[] {
  return parts.flatMap((part) => {
    if (part.kind === "migration") {
      const reason = "migrations run once, before a release starts";
      const message = `\`${part.text}\` of the start script is left out: ${reason}`;
      return [{ where, message, remedy: "see that `migrations` names the same tool" }];
    }
    if (part.kind !== "preparation") return [];
    const message = `\`${part.text}\` of the start script is left out`;
    return [{ where, message, remedy: "move it into the build script if a release needs it" }];
  });
}

function ownVariables(variables: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !platformVariables.has(name)));
}

function hooks({ manifest }: Survey): Problem[] {
  const text = manifest.scripts?.["prestart"];
  if (text === undefined) return [];
  const message = `the script prestart (${text}) is not run`;
  return [{ where, message, remedy: "move what a release needs into the build script" }];
}
