import type { Survey } from "./survey.ts";

/** What a `next.config` says that matters for running it; `undefined` where it depends on something. */
export interface NextConfig {
  standalone: boolean | undefined;
  distDir: string;
  basePath: string;
}

/** Reads a `next.config.*` without running it, comments left out. */
export async function readNextConfig(survey: Survey): Promise<NextConfig> {
  const path = ["js", "mjs", "cjs", "ts", "mts"]
    .map((extension) => `next.config.${extension}`)
    .find(survey.has);
  const text = path === undefined ? "" : withoutComments((await survey.read(path)) ?? "");
  return {
    standalone: standaloneOf(text),
    distDir: /\bdistDir\s*:\s*["'`]([\w./-]+)["'`]/.exec(text)?.[1] ?? ".next",
    basePath: /\bbasePath\s*:\s*["'`](\/[\w/-]*)["'`]/.exec(text)?.[1] ?? "",
  };
}

function standaloneOf(text: string): boolean | undefined {
  const value = /\boutput\s*[:=]\s*([^,;\n}]+)/.exec(text)?.[1]?.trim();
  if (value === undefined) return false;
  if (/^["'`]standalone["'`]/.test(value)) return true;
  return value.includes("standalone") ? undefined : false;
}

/** A source text without its comments; texts that look like comments inside of strings may go too. */
export function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|[\s;{},(])\/\/.*$/gm, "$1");
}
