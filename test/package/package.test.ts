import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

const repository = join(import.meta.dirname, "../..");
const oldestNode = "22.18.0";
const execute = promisify(execFile);

let root = "";
let project = "";
let version = "";

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a program in the empty project; without the repository's programs on the PATH. */
async function run(argv: string[], cwd = project): Promise<Outcome> {
  const [program = "", ...args] = argv;
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((entry) => !entry.startsWith(repository));
  const env = {
    HOME: process.env["HOME"],
    PATH: path.join(delimiter),
    TMPDIR: tmpdir(),
    CI: "true",
    npm_config_loglevel: "error",
  };
  try {
    return { code: 0, ...(await execute(program, args, { cwd, env, timeout: 300_000 })) };
  } catch (error) {
    const { code, stdout, stderr } = error as Partial<Outcome>;
    if (typeof code !== "number") throw error;
    return { code, stdout: stdout ?? "", stderr: stderr ?? "" };
  }
}

const fairlead = (...args: string[]) => run(["npx", "--no-install", "fairlead", ...args]);

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "fairlead package ")));
  project = join(root, "an empty project");
  await mkdir(project);
  const packed = await run(
    ["npm", "pack", "--json", "--pack-destination", root],
    join(repository, "packages/fairlead"),
  );
  expect(packed).toMatchObject({ code: 0 });
  const tarball = (await readdir(root)).find((name) => name.endsWith(".tgz")) ?? "none";
  await writeFile(
    join(project, "package.json"),
    `{ "name": "empty", "version": "1.0.0", "private": true }\n`,
  );
  const installed = await run(["npm", "install", "--no-audit", join(root, tarball), `node@${oldestNode}`]);
  expect(installed).toMatchObject({ code: 0 });
  version = (
    JSON.parse(await readFile(join(project, "node_modules/fairlead/package.json"), "utf8")) as {
      version: string;
    }
  ).version;
});

afterAll(async () => {
  await fairlead("down");
  await rm(root, { recursive: true, force: true });
});

describe("the tarball", () => {
  it("holds the program and no sources, tests or install scripts", async () => {
    const folder = join(project, "node_modules/fairlead");
    expect((await readdir(folder)).toSorted()).toEqual(["README.md", "bin", "dist", "package.json"]);
    const files = await readdir(folder, { recursive: true });
    expect(files.filter((file) => /\.test\.|fixtures|(?<!\.d)\.ts$/.test(file))).toEqual([]);
    const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    expect(Object.keys(manifest.scripts).filter((name) => /install|^prepare$/.test(name))).toEqual([]);
  });

  it(`answers --version and --help on Node.js ${oldestNode}`, async () => {
    expect((await run(["npx", "--no-install", "node", "--version"])).stdout).toBe(`v${oldestNode}\n`);
    expect(await fairlead("--version")).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
    const help = await fairlead("--help");
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toContain("rollback");
  });

  it.each([
    ["up"],
    ["down"],
    ["dev"],
    ["plan", "a"],
    ["deploy", "a"],
    ["promote", "a", "b"],
    ["approve"],
    ["rollback", "a"],
    ["status"],
    ["logs", "a"],
    ["db", "migrate", "a"],
    ["db", "status", "a"],
    ["db", "reset", "a"],
    ["db", "seed", "a"],
  ])("loads %s", async (...command) => {
    const { code, stdout } = await fairlead(...command, "--json", "--config", "none.ts");
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "config-missing" } });
    expect(code).toBe(2);
  });
});

describe("in an empty project", () => {
  it("says what is missing", async () => {
    const { code, stdout } = await fairlead("doctor", "--json");
    const { data } = JSON.parse(stdout) as { data: { checks: { name: string; state: string }[] } };
    expect(code).toBe(1);
    expect(data.checks.find((check) => check.name === "configuration")?.state).toBe("fail");
  });

  it("detects a server, writes a configuration that type-checks, and deploys with it", async () => {
    const server =
      `require("node:http").createServer((request, response) => response.end("hello from " + request.url))` +
      `.listen(Number(process.env.PORT), process.env.HOSTNAME);\n`;
    await writeFile(join(project, "server.js"), server);
    await run(["npm", "pkg", "set", "scripts.start=node server.js"]);
    const init = await fairlead("init", "--json");
    expect(init.code, init.stdout).toBe(0);
    const written = await readFile(join(project, "fairlead.config.ts"), "utf8");
    expect((await fairlead("init")).code).toBe(0);
    expect(await readFile(join(project, "fairlead.config.ts"), "utf8")).toBe(written);
    await typeCheck();

    const port = await findFreePort();
    await writeFile(
      join(project, "fairlead.config.ts"),
      `import type { Config } from "fairlead";
export default {
  application: "empty",
  watch: { seconds: 0 },
  environments: { staging: { port: ${String(port)} } },
} satisfies Config;
`,
    );
    await typeCheck();
    const deployed = await fairlead("deploy", "staging", "--yes");
    expect(deployed.code, deployed.stderr).toBe(0);
    const answer = await fetch(`http://localhost:${String(port)}/there`);
    expect(await answer.text()).toBe("hello from /there");
    expect((await fairlead("down")).code).toBe(0);
    await expect(fetch(`http://localhost:${String(port)}/`)).rejects.toThrow();
  });
});

// Without skipLibCheck: our declarations themselves must be right where no other types are installed.
async function typeCheck() {
  const compiler = join(repository, "node_modules/typescript/bin/tsc");
  const flags = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2024"];
  const checked = await run([process.execPath, compiler, ...flags, "fairlead.config.ts"]);
  expect(checked).toMatchObject({ code: 0, stdout: "" });
}

async function findFreePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
