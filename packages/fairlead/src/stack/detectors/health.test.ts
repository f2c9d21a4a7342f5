import { describe, expect, it } from "vitest";

import { surveyFiles } from "../fixture.ts";
import type { Framework } from "../port.ts";
import { health } from "./health.ts";

async function detect(framework: Framework, files: Record<string, string>) {
  return health.detect(await surveyFiles({ "package.json": "{}", ...files }), { framework });
}

describe("routes by file", () => {
  it.each<[Framework, string[], string | undefined]>([
    ["next", ["app/api/health/route.ts"], "/api/health"],
    ["next", ["src/app/(public)/(a)/healthz/route.js"], "/healthz"],
    ["next", ["src/pages/api/ping.ts", "src/pages/api/health/index.ts"], "/api/health"],
    ["next", ["app/api/[tenant]/health/route.ts"], undefined],
    ["next", ["app/status/page.tsx"], undefined],
    ["remix", ["app/routes/healthcheck.tsx"], "/healthcheck"],
    ["remix", ["app/routes/api.health.ts"], "/api/health"],
    ["astro", ["src/pages/health.json.ts"], "/health"],
  ])("%s %j", async (framework, paths, expected) => {
    const found = await detect(framework, Object.fromEntries(paths.map((path) => [path, "export {}"])));
    expect(found.health).toBe(expected);
    expect(found.unknown ?? []).toHaveLength(expected === undefined ? 1 : 0);
  });

  it("knows the base path of Next.js", async () => {
    const files = { "next.config.js": `module.exports = { basePath: "/docs" };`, "app/ready/route.ts": "" };
    expect((await detect("next", files)).health).toBe("/docs/ready");
  });

  it.each([
    [`@Controller("health")`, `@Get()`, "", "/health"],
    [`@Controller({ path: "health", version: "1" })`, `@Get("live")`, "", "/health/live"],
    [`@Controller()`, `@Get("healthz")`, `app.setGlobalPrefix("v1");`, "/v1/healthz"],
    [`@Controller("health")`, `@Get()`, `app.setGlobalPrefix("v1", { exclude: ["health"] });`, "/health"],
  ])("Nest %s %s %s", async (controller, get, main, expected) => {
    const files = {
      "src/main.ts": main,
      "src/health.controller.ts": `${controller} class H { ${get} get() {} }`,
    };
    expect((await detect("nest", files)).health).toBe(expected);
  });
});

describe("routes in code", () => {
  it.each<[string, Record<string, string>, string | undefined]>([
    ["on the server itself", { "app.js": `const app = express(); app.get("/health", f);` }, "/health"],
    ["at the end of a chain", { "app.ts": `new Hono()\n  .get("/", f)\n  .get('/healthz', f)` }, "/healthz"],
    ["as an object", { "app.js": `server.route({ method: "GET", url: "/ready", handler })` }, "/ready"],
    ["compared", { "s.mjs": `if (new URL(request.url, base).pathname === "/livez") end();` }, "/livez"],
    ["in a switch", { "s.js": "switch (path) { case `/status`: break; }" }, "/status"],
    ["the better of two", { "s.js": `app.get("/ping", f); app.get("/health", f);` }, "/health"],
    ["not where it is called", { "s.js": `axios.get("/health"); fetch("/health");` }, undefined],
    ["not in a comment", { "s.js": `// app.get("/health", f)\n/* app.get("/ping", f) */` }, undefined],
    [
      "not in a test",
      { "s.test.js": `app.get("/health", f)`, "test/x.js": `app.get("/health", f)` },
      undefined,
    ],
    ["not with a parameter", { "s.js": `app.get("/:id/health", f)` }, undefined],
    [
      "of Koa's router with a prefix",
      { "s.js": `const r = new Router({ prefix: "/api" }); app.use(r.routes()); r.get("/health", f)` },
      "/api/health",
    ],
    ["of Go", { "main.go": `http.HandleFunc("/healthz", f)` }, "/healthz"],
    ["of Python", { "app.py": `@app.route("/ping")` }, "/ping"],
  ])("%s", async (_, files, expected) => {
    expect((await detect("node", files)).health).toBe(expected);
  });

  it("hang on routers, that hang on routers, by import and by require", async () => {
    const app = `import { v1 } from "./api/index.js"; const app = express(); app.use("/api", auth, v1);`;
    const index = `import ops from './ops'; export const v1 = express.Router(); v1.use("/ops", ops);`;
    const ops = `const router = Router(); router.get("/health", f); export default router;`;
    expect(
      (await detect("express", { "src/app.ts": app, "src/api/index.ts": index, "src/api/ops.ts": ops }))
        .health,
    ).toBe("/api/ops/health");
    const required = `const ops = require("./ops"); const app = express(); app.use("/o", ops);`;
    expect((await detect("express", { "app.js": required, "ops/index.js": ops })).health).toBe("/o/health");
  });

  it("of Fastify plugins get the prefix they are registered with", async () => {
    const plugin = `export default async (fastify) => { fastify.get("/health", f); };`;
    for (const register of [
      `import ops from "./ops.js"; app.register(ops, { prefix: "/v1" });`,
      `app.register(import("./ops.js"), { prefix: "/v1" });`,
    ]) {
      expect((await detect("fastify", { "app.js": register, "ops.js": plugin })).health).toBe("/v1/health");
    }
  });

  it("on a router of which the place is not known are asked for", async () => {
    const found = await detect("express", { "r.js": `const router = Router(); router.get("/health", f);` });
    expect(found.health).toBeUndefined();
    expect(found.unknown?.[0]?.message).toBe(
      "r.js has /health, but on a router of which the place was not found",
    );
  });
});
