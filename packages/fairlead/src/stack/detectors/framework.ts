import type { Detector } from "../detector.ts";
import { dependenciesOf } from "../manifest.ts";
import type { Framework } from "../port.ts";

/** Order matters: frameworks that bring others (Nest brings Express, Remix may run in Express) come first. */
const frameworks: [framework: Framework, packages: string[]][] = [
  ["next", ["next"]],
  ["nest", ["@nestjs/core"]],
  [
    "remix",
    ["@remix-run/serve", "@remix-run/node", "@remix-run/react", "@react-router/serve", "@react-router/node"],
  ],
  ["astro", ["astro"]],
  ["fastify", ["fastify"]],
  ["hono", ["hono"]],
  ["koa", ["koa"]],
  ["express", ["express"]],
];

/** The framework, by the packages the application itself depends on. */
export const framework: Detector = {
  name: "framework",
  detect({ hasManifest, manifest }) {
    const names = dependenciesOf(manifest);
    const found = frameworks.find(([, packages]) => packages.some((name) => names.has(name)));
    return { framework: found?.[0] ?? (hasManifest ? "node" : "unknown") };
  },
};
