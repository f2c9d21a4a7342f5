import { delimiter, dirname, join } from "node:path";

import { codeOf, type Context, FairleadError, lastLines, type Secret } from "../kernel/index.ts";

/** Variables that build tools write into what browsers get; by their names they are public. */
export const publicVariable = /^(NEXT_PUBLIC|VITE|PUBLIC|REACT_APP|NUXT_PUBLIC|GATSBY|EXPO_PUBLIC)_/;

export interface BuildRun {
  /** Absolute path of the application. */
  folder: string;
  /** Absolute path of the repository's root. */
  root: string;
  command: readonly string[];
  /** Variables given to the build on purpose. */
  variables: Record<string, string | Secret>;
  onOutput: (text: string) => void;
  /** Called with the pid of the command. */
  onStart: (pid: number) => void;
}

const timeoutMs = 30 * 60_000;
const shownLines = 20;
const keptCharacters = 200_000;
/** Variables whose names or values tell of access to something; a build has no use for them, and may print or inline them. */
const secretName =
  /SECRET|TOKEN|PASSW(OR)?D|PASSPHRASE|PRIVATE|CREDENTIAL|API_?KEY|ACCESS_?KEY|DATABASE_URL|_DSN$|^PG/i;
const secretValue = /^[a-z][a-z0-9+.-]*:\/\/[^/@\s]*:[^/@\s]+@/i;
/** Set by what may have started us, and read by build tools as orders to themselves. */
const foreign = [
  /^(NODE_ENV|NODE_OPTIONS|VITEST|PORT|HOSTNAME|INIT_CWD|TURBO_HASH)$/,
  /^npm_(package|lifecycle)_/,
  /^npm_config_(workspaces?|include_workspace_root|prefix|local_prefix|global|omit|include|only|production|dry_run)$/,
];

/**
 * Runs the application's build in the work tree, with the Node.js that will run the release and without secrets.
 * Gives its output. Errors: `build-failed` with its last lines, `cancelled`.
 */
export async function runBuild(context: Context, run: BuildRun): Promise<string> {
  let output = "";
  const onOutput = (text: string) => {
    output = (output + text).slice(-keptCharacters);
    run.onOutput(text);
  };
  const shown = run.command.join(" ");
  let reason: string;
  try {
    const env = buildEnvironment(context.env, run);
    const result = await context.exec(run.command, {
      cwd: run.folder,
      env,
      timeoutMs,
      onOutput,
      onStart: run.onStart,
    });
    if (result.code === 0) return output;
    reason = `ended with code ${String(result.code)}`;
  } catch (error) {
    if (codeOf(error) !== "exec-timeout") throw error;
    reason = `did not end within ${String(timeoutMs / 60_000)} min`;
  }
  throw new FairleadError("build-failed", `the build failed: \`${shown}\` ${reason}`, {
    details: lastLines(output, shownLines),
    hint: "Nothing was changed. Run the command yourself to see all of its output.",
  });
}

/** What differs from our own environment; `undefined` takes a variable away. */
export function buildEnvironment(
  own: NodeJS.ProcessEnv,
  run: Pick<BuildRun, "folder" | "root" | "variables">,
): Record<string, string | Secret | undefined> {
  const env: Record<string, string | Secret | undefined> = {};
  for (const [name, value] of Object.entries(own)) {
    const isSecret = secretName.test(name) || secretValue.test(value ?? "");
    if ((isSecret && !publicVariable.test(name)) || foreign.some((one) => one.test(name)))
      env[name] = undefined;
  }
  const binaries = [...new Set([run.folder, run.root])].map((folder) => join(folder, "node_modules", ".bin"));
  const path = [...binaries, dirname(process.execPath), own["PATH"] ?? ""].join(delimiter);
  return { ...env, PATH: path, CI: "1", NEXT_TELEMETRY_DISABLED: "1", ...run.variables };
}
