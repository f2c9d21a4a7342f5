import { readNextConfig } from "../next-config.ts";
import type { Framework } from "../port.ts";
import type { Source } from "../sources.ts";
import type { Survey } from "../survey.ts";

/** A route with the file that makes it. */
interface FileRoute {
  path: string;
  file: string;
}

/** Routes that frameworks make of files, without pages for people where that can be told. */
export async function fileRoutes(
  survey: Survey,
  framework: Framework,
  sources: readonly Source[],
): Promise<FileRoute[]> {
  const files = survey.paths.filter((path) => /\.[cm]?[jt]sx?$/.test(path));
  if (framework === "next") return nextRoutes(files, (await readNextConfig(survey)).basePath);
  if (framework === "remix") return remixRoutes(files);
  if (framework === "astro") return routesOf(files, /^src\/pages\/(.+?)(?:\.json)?\.[jt]s$/);
  if (framework === "nest") return nestRoutes(sources);
  return [];
}

function nextRoutes(files: string[], basePath: string): FileRoute[] {
  const app = routesOf(files, /^(?:src\/)?app\/(.+)\/route\.[cm]?[jt]sx?$/).map((route) => ({
    ...route,
    // Groups and slots are no part of the address.
    path: route.path.replaceAll(/\/(\([^)]*\)|@[^/]+)(?=\/|$)/g, ""),
  }));
  const pages = routesOf(files, /^(?:src\/)?pages\/(api\/.+?)(?:\/index)?\.[cm]?[jt]sx?$/);
  return [...app, ...pages].map((route) => ({ ...route, path: basePath + route.path }));
}

// `api.health.ts` and `api/health.ts` are the same address; `_` at an end only names a layout.
function remixRoutes(files: string[]): FileRoute[] {
  return routesOf(files, /^app\/routes\/(.+?)(?:\/route)?\.[jt]sx?$/).map((route) => ({
    ...route,
    path: route.path.replaceAll(".", "/").replaceAll(/_(?=\/|$)/g, ""),
  }));
}

function routesOf(files: string[], pattern: RegExp): FileRoute[] {
  return files.flatMap((file) => {
    const path = pattern.exec(file)?.[1];
    return path === undefined ? [] : [{ path: `/${path}`, file }];
  });
}

function nestRoutes(sources: readonly Source[]): FileRoute[] {
  const main = sources
    .map((source) => /setGlobalPrefix\(\s*["'`]([^"'`]+)["'`]([^;]*)/.exec(source.text))
    .find(Boolean);
  const prefix = trim(main?.[1]);
  const excluded = [...(main?.[2] ?? "").matchAll(/["'`]([^"'`]+)["'`]/g)].map((match) => trim(match[1]));
  return sources.flatMap(({ path: file, text }) => {
    const controller = /@Controller\(\s*(?:\{[^}]*path\s*:\s*)?(?:["'`]([^"'`]*)["'`])?/.exec(text);
    if (controller === null) return [];
    return [...text.matchAll(/@Get\(\s*(?:["'`]([^"'`]*)["'`])?\s*\)/g)].map((match) => {
      const own = [trim(controller[1]), trim(match[1])].filter((part) => part !== "").join("/");
      const parts = excluded.includes(own) || prefix === "" ? [own] : [prefix, own];
      return { path: `/${parts.join("/")}`, file };
    });
  });
}

function trim(path: string | undefined): string {
  return path?.replace(/^\/+|\/+$/g, "") ?? "";
}
