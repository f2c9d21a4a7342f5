import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { request as secureRequest } from "node:https";
import { join } from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import {
  createProject,
  eventually,
  type Project,
  readEnvironment,
  type RequestParts,
} from "./test/project.ts";

let project: Project;
beforeEach(async () => {
  project = await createProject();
});
afterEach(async () => {
  await project.dispose();
});

const moduleStart: RequestParts = { start: { kind: "node", entry: "module.mjs", args: [], nodeArgs: [] } };
const startForm = (id: string, form: string, variables: Record<string, string> = {}) =>
  project.start(id, form, { ...moduleStart, variables: { APP_FORM: form, ...variables } });

it("gives the application its variables and nothing of ours", async () => {
  await project.start("d1", "1");
  await project.switchTo("d1");
  const seen = JSON.parse((await project.ask("/environment")) ?? "") as {
    env: Record<string, string>;
    pid: number;
  };
  expect(seen.env).toMatchObject({
    PORT: String(project.port),
    HOSTNAME: "127.0.0.1",
    NODE_ENV: "production",
    APP_VERSION: "1",
    APP_SECRET: "correct-horse-battery",
    FAIRLEAD_ENVIRONMENT: "production",
    FAIRLEAD_DEPLOYMENT: "d1",
    FAIRLEAD_RELEASE: "release-1",
    FAIRLEAD_VERSION: "1",
  });
  expect(seen.env).not.toHaveProperty("FAIRLEAD_AGENT");
  expect(seen.env).not.toHaveProperty("NODE_OPTIONS");
  expect(seen.env).not.toHaveProperty("VITEST");
});

it("keeps secrets out of arguments, logs and the host's state, and its files private", async () => {
  await project.start("d1", "1");
  const pid = (await project.observe()).deployments[0]?.instances[0]?.pid ?? 0;
  expect(readFileSync(`/proc/${String(pid)}/cmdline`, "utf8")).not.toContain("correct-horse");
  expect(readEnvironment(pid)).toContain("correct-horse");
  expect(readEnvironment(await project.hostPid())).not.toContain("correct-horse");
  expect(readFileSync(project.layout.stateFile, "utf8")).not.toContain("correct-horse");
  const variables = join(project.layout.directory, "variables", "d1.json");
  expect(readFileSync(variables, "utf8")).toContain("correct-horse");
  expect(execFileSync("stat", ["-c", "%a", variables], { encoding: "utf8" }).trim()).toBe("600");
  const lines: string[] = [];
  const request = { environment: "production", deploymentId: "d1", tail: 50, follow: false };
  for await (const { text } of project.platform.logs(project.context, request)) lines.push(text);
  expect(lines).toContain("secret is [redacted]");
  await project.stop("d1");
  expect(() => readFileSync(variables)).toThrow("ENOENT");
});

it("says at once that an application exits, with the last lines of its log", async () => {
  const failure = await project.start("bad", "1", { mode: "exit" }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "start-failed" });
  expect(String(failure)).toContain("exited with code 7");
  expect(failure).toHaveProperty("details", expect.arrayContaining(["fatal: the configuration is missing"]));
});

it("says what the last probe met when an application never becomes healthy", async () => {
  const health = { path: "/health", timeoutMs: 1500 };
  const failure = await project
    .start("bad", "1", { mode: "unhealthy", health })
    .catch((error: unknown) => error);
  expect(String(failure)).toContain("GET /health answered 503");
  const silent = await project
    .start("silent", "1", { mode: "silent", health })
    .catch((error: unknown) => error);
  expect(String(silent)).toContain("listened on no TCP port");
  expect((await project.observe()).deployments.map(({ instances }) => instances)).toEqual([[], []]);
});

it("names what cannot be started", async () => {
  const missing = await project
    .start("bad", "1", { directory: "/nowhere/at/all" })
    .catch((error: unknown) => error);
  expect(String(missing)).toContain("/nowhere/at/all is missing");
});

it("lets two releases with the same hard-coded ports run side by side", async () => {
  await project.start("d1", "1", { mode: "extra" });
  await project.start("d2", "2", { mode: "extra" });
  await project.switchTo("d1");
  await project.switchTo("d2");
  expect(await project.ask()).toBe("2");
  expect((await project.observe()).notes.join()).toContain("port 9464 of d2 is private");
});

it("serves an application that listens on a port of its own choice", async () => {
  await project.start("d1", "1", { mode: "hard-coded" });
  await project.switchTo("d1");
  expect(await project.ask()).toBe("1");
});

it.each(["options", "text", "host-and-backlog", "late", "cluster"])(
  "diverts listening in the form %s",
  async (form) => {
    const view = await startForm("d1", form);
    expect(view.privateAddress).not.toContain(String(project.port));
    await project.switchTo("d1");
    expect(await project.ask()).toBe(form);
    await startForm("d2", form);
    await project.switchTo("d2");
    expect(await project.ask()).toBe(form);
  },
);

it("leaves unix sockets and port 0 alone", async () => {
  const path = join(project.root, "app.sock");
  await startForm("d1", "unix-socket-and-zero", { APP_SOCKET: path });
  expect(execFileSync("stat", ["-c", "%F", path], { encoding: "utf8" }).trim()).toBe("socket");
  await project.switchTo("d1");
  expect(await project.ask()).toBe("unix-socket-and-zero");
});

it("lists the ports when it cannot tell which server is the main one", async () => {
  const failure = await project
    .start("bad", "1", {
      ...moduleStart,
      variables: { APP_FORM: "two" },
      health: { path: "/", timeoutMs: 2500 },
    })
    .catch((error: unknown) => error);
  expect(String(failure)).toContain("9100 (http), 9200 (http)");
  expect(String(failure)).toContain("process.env.PORT");
});

it("does not hand the public socket to the application's own children", async () => {
  await startForm("d1", "text");
  await project.switchTo("d1");
  const descriptors = JSON.parse((await project.ask("/children")) ?? "") as string[];
  const own = execFileSync(process.execPath, [
    "-e",
    "console.log(JSON.stringify(fs.readdirSync('/proc/self/fd')))",
  ]);
  expect(descriptors.length).toBeLessThanOrEqual((JSON.parse(own.toString()) as string[]).length);
});

it("switches an HTTPS application", async () => {
  const [key, cert] = [join(project.root, "key.pem"), join(project.root, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-days", "2", "-nodes", "-newkey", "rsa:2048"];
  execFileSync("openssl", ["req", "-x509", ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
  await startForm("d1", "secure", { APP_KEY: key, APP_CERT: cert });
  await project.switchTo("d1");
  const askSecurely = () =>
    new Promise<string | undefined>((resolve, reject) => {
      const url = project.origin.replace("http:", "https:");
      secureRequest(url, { rejectUnauthorized: false, agent: false }, (response) => {
        response.resume();
        resolve(response.headers.connection);
      })
        .on("error", reject)
        .end();
    });
  await askSecurely();
  const counted = await eventually(
    project.observe,
    ({ deployments }) => deployments[0]?.counts?.requests === 1,
  );
  expect(counted.deployments[0]?.counts).toMatchObject({ requests: 1, errors: 0, aborted: 0 });
  await startForm("d2", "secure", { APP_KEY: key, APP_CERT: cert });
  await project.switchTo("d2");
  await askSecurely();
});

it("restarts an application that closes its server by itself", async () => {
  await startForm("d1", "closing");
  await project.switchTo("d1");
  const pid = (await project.observe()).deployments[0]?.instances[0]?.pid ?? 0;
  process.kill(pid, "SIGUSR2");
  await eventually(project.observe, ({ deployments }) => deployments[0]?.restarts === 1);
  expect(await project.ask()).toBe("closing");
});

it("gives up a warm deployment that keeps crashing, and never the active one", async () => {
  const dark = await project.start("dark", "1", { mode: "crash-later" });
  expect(dark.state).toBe("ready");
  const failed = await eventually(project.observe, ({ deployments }) => deployments[0]?.state === "failed");
  expect(failed.deployments[0]?.failure?.reason).toContain("exited with code 5");
  expect(failed.deployments[0]?.failure?.lastLines).toContain("listening as 1");

  await project.start("live", "2");
  await project.switchTo("live");
  for (let crash = 0; crash < 6; crash += 1) {
    const before = (await project.observe()).deployments[0]?.instances[0]?.pid;
    await project.ask("/crash");
    await eventually(project.observe, ({ deployments }) => {
      const instance = deployments[0]?.instances[0];
      return deployments[0]?.state === "failed" || (instance?.state === "active" && instance.pid !== before);
    });
  }
  const view = await project.observe();
  expect(view).toMatchObject({ active: "live" });
  expect(view.deployments[0]?.state).toBe("failed");
  expect(view.notes.join()).toContain("has failed and is tried again");
  expect(await project.ask()).toBe("2");
});
