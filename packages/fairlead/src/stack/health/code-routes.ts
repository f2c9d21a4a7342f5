import { posix } from "node:path";

import { withoutComments } from "../next-config.ts";
import type { Source } from "../sources.ts";
import { mountsIn } from "./mounts.ts";
import { type HealthRoute, isHealthPath } from "./names.ts";

/** `app.get("/health", …)`, also at the end of a chain; the receiver tells a router from a client. */
const call = new RegExp(
  /([\w$]+|\))\s*\??\.\s*(?:get|all|head|use|route|on|add)\s*\(\s*/.source +
    /(?:\[?["'`]GET["'`]\]?\s*,\s*)?["'`](\/[\w\-./]*)["'`]/.source,
  "g",
);
/** Comparisons in a plain server, a route as an object, Go's and Python's handlers. */
const direct = [
  /\b(?:url|pathname|path|originalUrl)\s*={2,3}\s*["'`](\/[\w\-./]*)["'`]/g,
  /["'`](\/[\w\-./]*)["'`]\s*={2,3}\s*\w*\.?(?:url|pathname|path)\b/g,
  /\bcase\s+["'`](?:GET )?(\/[\w\-./]*)["'`]\s*:/g,
  /\b(?:url|path)\s*:\s*["'`](\/[\w\-./]*)["'`]/g,
  /\bstartsWith\(\s*["'`](\/[\w\-./]*)["'`]/g,
  /\bHandle(?:Func)?\(\s*"(?:GET )?(\/[\w\-./]*)"/g,
  /@\w+\.(?:get|route)\(\s*["'](\/[\w\-./]*)["']/g,
];
const clients = new Set([
  "axios",
  "http",
  "https",
  "client",
  "got",
  "ky",
  "superagent",
  "fetch",
  "request",
  "agent",
]);
const servers = /^(app|application|server|fastify|api|hono|koa|express|instance|\))$/;
const maximumMounts = 4;

/** Routes about health that the code of a server declares, with the prefixes of the routers they hang on. */
export function codeRoutes(sources: readonly Source[]): HealthRoute[] {
  const cleaned = sources.map((source) =>
    /\.(py|go)$/.test(source.path) ? source : { ...source, text: withoutComments(source.text) },
  );
  return cleaned.flatMap((source) => [...calledRoutes(source, cleaned), ...directRoutes(source)]);
}

function calledRoutes(source: Source, sources: readonly Source[]): HealthRoute[] {
  return [...source.text.matchAll(call)].flatMap((match) => {
    const [, receiver = "", path = ""] = match;
    if (!isHealthPath(path) || clients.has(receiver)) return [];
    const mount = mountOf(source, receiver, sources);
    const certain = mount !== undefined || isServer(source.text, receiver);
    return [{ path: joined(mount ?? "", ownPrefix(source.text), path), certain, file: source.path }];
  });
}

function directRoutes(source: Source): HealthRoute[] {
  return direct
    .flatMap((pattern) => [...source.text.matchAll(pattern)].map((match) => match[1] ?? ""))
    .filter(isHealthPath)
    .map((path) => ({ path, certain: true, file: source.path }));
}

// A Hono application or a Fastify instance may hang on another one all the same: that is looked up first.
function isServer(text: string, receiver: string): boolean {
  const makers = "express|fastify|Fastify|Hono|OpenAPIHono|Koa|polka|restify|Elysia";
  const maker = `(?:(?:${makers})|require\\(["'\`](?:${makers.toLowerCase()})["'\`]\\))(?:<[^>]*>)?\\s*\\(`;
  const name = receiver.replaceAll(/\W/g, "\\$&");
  const isMade = new RegExp(`\\b${name}\\s*=\\s*(?:await\\s+)?(?:new\\s+)?${maker}`).test(text);
  const hasRouter = /\bRouter\s*\(/.test(text);
  return isMade || (!hasRouter && servers.test(receiver));
}

/**
 * The prefix under which a router hangs: in the same file by its name, else the whole file's by its import
 * elsewhere.
 */
function mountOf(
  source: Source,
  receiver: string,
  sources: readonly Source[],
  depth = 0,
): string | undefined {
  if (depth > maximumMounts) return undefined;
  const own = mountsIn(source.text).find((mount) => mount.name === receiver);
  if (own !== undefined) return own.prefix;
  for (const other of sources) {
    if (other.path === source.path) continue;
    for (const mount of mountsIn(other.text)) {
      if (!importsFrom(other, mount.name, source.path)) continue;
      const above = isServer(other.text, mount.receiver)
        ? ""
        : mountOf(other, mount.receiver, sources, depth + 1);
      return joined(above ?? "", mount.prefix);
    }
  }
  return undefined;
}

function importsFrom(source: Source, name: string, path: string): boolean {
  const target = withoutExtension(path);
  const escaped = name.replaceAll(/[^\w]/g, "\\$&");
  const patterns = [
    new RegExp(`import\\s+[^;]*\\b${escaped}\\b[^;]*?from\\s*["'\`]([^"'\`]+)["'\`]`, "g"),
    new RegExp(`\\b${escaped}\\b[^;=\\n]*=\\s*(?:await\\s+import|require)\\(\\s*["'\`]([^"'\`]+)["'\`]`, "g"),
    new RegExp(`import\\(\\s*["'\`](${escaped})["'\`]`, "g"),
  ];
  return patterns.some((pattern) =>
    [...source.text.matchAll(pattern)].some((match) => {
      const wanted = withoutExtension(posix.join(posix.dirname(source.path), match[1] ?? ""));
      return wanted === target || `${wanted}/index` === target;
    }),
  );
}

// `new Router({ prefix: "/api" })` of Koa, `new Hono().basePath("/api")`.
function ownPrefix(text: string): string {
  const router = /new\s+\w*Router\(\s*\{[^}]*\bprefix\s*:\s*["'`](\/[\w\-./]*)["'`]/.exec(text)?.[1];
  return router ?? /\.basePath\(\s*["'`](\/[\w\-./]*)["'`]/.exec(text)?.[1] ?? "";
}

function joined(...parts: string[]): string {
  return `/${parts
    .map((part) => part.replace(/^\/+|\/+$/g, ""))
    .filter((part) => part !== "")
    .join("/")}`;
}

function withoutExtension(path: string): string {
  return posix.normalize(path).replace(/\.[cm]?[jt]sx?$/, "");
}
