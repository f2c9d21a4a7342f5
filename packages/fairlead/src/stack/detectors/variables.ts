import type { Detector } from "../detector.ts";
import { withoutComments } from "../next-config.ts";
import { readSources } from "../sources.ts";

const exampleFiles = [".env.example", ".env.sample", ".env.template", ".env.dist", "env.example"];

/** Set by the platform, the tools or the system; nobody has to say them. */
const ours = new Set([
  ...[
    "NODE_ENV",
    "NODE_OPTIONS",
    "PORT",
    "HOST",
    "HOSTNAME",
    "DATABASE_URL",
    "SHADOW_DATABASE_URL",
    "CI",
    "DEBUG",
    "TZ",
    "NO_COLOR",
  ],
  ...["HOME", "PATH", "USER", "PWD", "SHELL", "TERM", "LANG", "TMPDIR", "FORCE_COLOR", "INIT_CWD"],
  ...["MODE", "DEV", "PROD", "SSR", "BASE_URL", "JEST_WORKER_ID", "VITEST", "ANALYZE"],
]);
const foreign =
  /^(npm_|NEXT_(RUNTIME|PHASE|TELEMETRY|DEPLOYMENT)|VERCEL|GITHUB_|FAIRLEAD_|AWS_LAMBDA_|HEROKU_|__)/;

const patterns = [
  /\bprocess\.env\.([A-Za-z_]\w*)/g,
  /\bprocess\.env\[\s*["'`]([A-Za-z_]\w*)["'`]\s*\]/g,
  /\bimport\.meta\.env\.([A-Za-z_]\w*)/g,
  /\benv\(\s*["']([A-Z_][A-Z0-9_]*)["']\s*\)/g,
  /\bos\.(?:environ\[|environ\.get\(|getenv\()\s*["'](\w+)["']/g,
  /\bos\.(?:Getenv|LookupEnv)\(\s*"(\w+)"/g,
];
const destructured = /\{([^{}]*)\}\s*=\s*process\.env\b/g;

/** Names of the variables that the sources read or an example file lists. */
export const variables: Detector = {
  name: "variables",
  async detect(survey) {
    const names = new Set<string>();
    for (const { path, text } of await readSources(survey, { withPackages: true })) {
      const code = /\.(py|prisma)$/.test(path) ? text : withoutComments(text);
      for (const name of namesIn(code)) names.add(name);
    }
    for (const file of exampleFiles) {
      for (const match of ((await survey.read(file)) ?? "").matchAll(
        /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=/gm,
      )) {
        names.add(match[1] ?? "");
      }
    }
    const wanted = [...names].filter((name) => name !== "" && !ours.has(name) && !foreign.test(name));
    return { variables: wanted.sort() };
  },
};

function namesIn(code: string): string[] {
  const direct = patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ""));
  const taken = [...code.matchAll(destructured)].flatMap((match) =>
    (match[1] ?? "").split(",").map((part) => /^\s*([A-Za-z_]\w*)/.exec(part)?.[1] ?? ""),
  );
  return [...direct, ...taken];
}
