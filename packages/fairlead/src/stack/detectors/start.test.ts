import { describe, expect, it } from "vitest";

import { surveyFiles } from "../fixture.ts";
import type { Framework, StartCommand } from "../port.ts";
import { start } from "./start.ts";

async function detect(
  scripts: Record<string, string>,
  framework: Framework = "node",
  files: Record<string, string> = {},
) {
  const manifest = JSON.stringify({ name: "shop", scripts });
  return start.detect(await surveyFiles({ "package.json": manifest, ...files }), {
    framework,
    packageManager: "npm",
  });
}

function node(entry: string, args: string[] = [], nodeArgs: string[] = []): StartCommand {
  return { kind: "node", entry, args, nodeArgs };
}

describe("a start script", () => {
  it.each<[string, StartCommand]>([
    ["node dist/server.js", node("dist/server.js")],
    ["node ./dist/server", node("dist/server.js")],
    ["node dist/server.js --port 80 x", node("dist/server.js", ["--port", "80", "x"])],
    [
      "NODE_ENV=production node --enable-source-maps server.js",
      node("server.js", [], ["--enable-source-maps"]),
    ],
    [
      "node -r dotenv/config -r ./trace.js server.js",
      node("server.js", [], ["-r", "dotenv/config", "-r", "./trace.js"]),
    ],
    ["node --env-file .env server.js", node("server.js", [], ["--env-file-if-exists=.env"])],
    ["node --inspect=0.0.0.0:9229 server.js", node("server.js")],
    ["tsx src/main.ts", node("src/main.ts", [], ["--import", "tsx"])],
    [
      "ts-node --transpile-only -r tsconfig-paths/register src/main.ts",
      node("src/main.ts", [], ["--require", "ts-node/register", "-r", "tsconfig-paths/register"]),
    ],
    ["cross-env A=b NODE_ENV=production node x.js", node("x.js")],
    [
      "cross-env NODE_OPTIONS='--max-old-space-size=900' node x.js",
      node("x.js", [], ["--max-old-space-size=900"]),
    ],
    ["dotenv -e .env.local -- node x.js", node("x.js")],
    ["dotenvx run -f .env.production -- node x.js", node("x.js")],
    ["env-cmd -f .env node x.js", node("x.js")],
    ["exec node x.js", node("x.js")],
    ["dumb-init node x.js", node("x.js")],
    ["doppler run -- node x.js", node("x.js")],
    ["npx next start -p 4000", node("node_modules/next/dist/bin/next", ["start"])],
    ["next start --port=$PORT -H 0.0.0.0", node("node_modules/next/dist/bin/next", ["start"])],
    [
      "remix-serve ./build/server/index.js",
      node("node_modules/@remix-run/serve/dist/cli.js", ["./build/server/index.js"]),
    ],
    [
      "fastify start -p $PORT -l info app.js",
      node("node_modules/fastify-cli/cli.js", ["start", "-l", "info", "app.js"]),
    ],
    ["nest start", node("dist/main.js")],
    ["mkdir -p logs && node x.js", node("x.js")],
    ["prisma migrate deploy && node x.js", node("x.js")],
    ["npm run migrate:up; node x.js", node("x.js")],
    ["node scripts/migrate.js && node x.js", node("x.js")],
  ])("%s", async (script, expected) => {
    expect((await detect({ start: script })).start).toEqual(expected);
  });

  it.each([
    ["concurrently 'node a.js' 'node b.js'", "no Node.js program"],
    ["node a.js & node b.js", "joined by &"],
    ["node a.js | pino-pretty", "joined by |"],
    ["node a.js || node b.js", "joined by ||"],
    ["node a.js && node b.js", "it starts 2 programs"],
    ["node $ENTRY", "only a shell"],
    ["node -e 'require(\"./x\")'", "no Node.js program"],
    ["pm2 start ecosystem.config.js", "no Node.js program"],
    ["bun src/index.ts", "no Node.js program"],
    ["npm run gone", "there is no script gone"],
    ["npm start", "circle"],
    ["npm start -w apps/web", "no Node.js program"],
  ])("%s is run as it is", async (script, reason) => {
    const found = await detect({ start: script });
    expect(found.start).toEqual({ kind: "command", argv: ["npm", "run", "start"] });
    expect(found.unknown?.[0]?.message).toContain(reason);
  });

  it("is followed through other scripts, with arguments and variables", async () => {
    const found = await detect({
      start: "LOG=json npm run serve -- --workers 2",
      serve: "A=1 yarn app --quiet",
      app: "node app.mjs",
    });
    expect(found).toEqual({
      start: node("app.mjs", ["--quiet", "--workers", "2"]),
      startVariables: { LOG: "json", A: "1" },
      unknown: [],
    });
  });

  it("says what of it is left out", async () => {
    const found = await detect({
      prestart: "echo hi",
      start: "prisma migrate deploy && sleep 5 && node x.js",
    });
    expect(found.unknown?.map((problem) => problem.message)).toEqual([
      "`prisma migrate deploy` of the start script is left out: migrations run once, before a release starts",
      "`sleep 5` of the start script is left out",
      "the script prestart (echo hi) is not run",
    ]);
  });

  it("that is for production comes before one for developing", async () => {
    const scripts = { start: "nodemon src/x.js", serve: "node dist/x.js", dev: "tsx watch src/x.ts" };
    expect(await detect(scripts)).toMatchObject({ start: node("dist/x.js"), dev: ["npm", "run", "dev"] });
  });
});

describe("without a start script", () => {
  it("server.js is started as npm does, or the main file, or nothing", async () => {
    expect((await detect({}, "node", { "server.js": "" })).start).toEqual(node("server.js"));
    expect((await detect({})).unknown?.[0]?.where).toBe("start");
  });
});

describe("Next.js", () => {
  const standalone = { "next.config.mjs": `export default { output: "standalone", distDir: "build" };` };

  it("starts the standalone server where there is one, at its place in the repository", async () => {
    expect((await detect({ start: "next start" }, "next", standalone)).start).toEqual(
      node("build/standalone/server.js"),
    );
    const files = {
      "package.json": "{}",
      "apps/web/package.json": "{}",
      "apps/web/next.config.mjs": standalone["next.config.mjs"],
    };
    const survey = await surveyFiles(files, { application: "apps/web" });
    expect((await start.detect(survey, { framework: "next" })).start).toEqual(
      node("build/standalone/apps/web/server.js"),
    );
  });

  it("keeps a server of the application's own", async () => {
    expect((await detect({ start: "node server.js" }, "next", standalone)).start).toEqual(node("server.js"));
  });

  it("asks where the output depends on something, and starts Next.js without a script", async () => {
    const config = {
      "next.config.js": `module.exports = { output: process.env.X ? "standalone" : undefined };`,
    };
    const found = await detect({}, "next", config);
    expect(found.start).toEqual(node("node_modules/next/dist/bin/next", ["start"]));
    expect(found.unknown?.[0]?.message).toContain("standalone");
    expect((await detect({}, "next", { "next.config.js": `// output: "standalone"` })).unknown).toEqual([]);
  });
});

describe("another language", () => {
  it("is started by its Procfile, through a shell only where it needs one", async () => {
    const plain = await surveyFiles({ Procfile: "web: ./server --verbose\n" });
    expect((await start.detect(plain, {})).start).toEqual({
      kind: "command",
      argv: ["./server", "--verbose"],
    });
    const shell = await surveyFiles({ Procfile: "release: x\nweb: gunicorn app -b :$PORT\n" });
    expect((await start.detect(shell, {})).start).toEqual({
      kind: "command",
      argv: ["sh", "-c", "exec gunicorn app -b :$PORT"],
    });
    expect((await start.detect(await surveyFiles({ "x.rb": "" }), {})).unknown).toHaveLength(1);
  });
});
