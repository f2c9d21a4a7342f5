import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { FairleadError } from "../kernel/index.ts";
import { checkConfig } from "./load.ts";
import type { Config } from "./schema.ts";

const root = mkdtempSync(join(tmpdir(), "fairlead-rules-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});

function problemsOf(config: Omit<Config, "application">): string[] {
  try {
    checkConfig({ application: "shop", ...config }, { file: "fairlead.config.ts", root });
    return [];
  } catch (error) {
    if (error instanceof FairleadError) return error.details;
    throw error;
  }
}

describe("rules between the parts of a configuration", () => {
  it.each<[string, Omit<Config, "application">, string[]]>([
    ["nothing wrong", { environments: { production: {}, staging: {}, qa: { port: 3005 } } }, []],
    [
      "the same port twice",
      { environments: { staging: {}, qa: { port: 3001 } } },
      ["environments.qa.port: is 3001, which is the port of staging too, expected a port of its own"],
    ],
    [
      "no port where there is no default",
      { environments: { qa: {}, uat: {} } },
      ["qa", "uat"].map(
        (name) =>
          `environments.${name}.port: is missing, expected a whole number from 1 to 65535 (only production, staging and development have a port by default)`,
      ),
    ],
    [
      "a circle of origins, once",
      { environments: { staging: { from: "production" }, production: { from: "staging" } } },
      [
        "environments.staging.from: goes round in a circle: staging → production → staging (expected another environment)",
      ],
    ],
    [
      "a variable that is not declared",
      { variables: { MAIL_FROM: "a@b.c" }, environments: { staging: { variables: { MAIL_FORM: "x@y.z" } } } },
      [
        "environments.staging.variables.MAIL_FORM: is not declared; did you mean MAIL_FROM? (add MAIL_FORM: {} to the top-level variables)",
      ],
    ],
    [
      "secrets in the file",
      {
        variables: { KEY: { secret: true, default: "hunter22" }, TOKEN: { secret: true } },
        environments: { staging: { variables: { TOKEN: "hunter23" } } },
      },
      ["variables.KEY.default", "environments.staging.variables.TOKEN"].map(
        (path) =>
          `${path}: is the plain value of a secret (take it out and change the secret; put the new one into the environment's secrets)`,
      ),
    ],
    [
      "a generated value that a default hides",
      { variables: { ID: { generate: true, default: "1" } }, environments: { staging: {} } },
      [
        "variables.ID.generate: is true although there is a default, which would always win (remove one of the two)",
      ],
    ],
    [
      "names that are Fairlead's own",
      { variables: { PORT: "80" }, environments: { staging: {} } },
      [
        "variables.PORT: is set by Fairlead for each deployment (remove it; a port is environments.<name>.port)",
      ],
    ],
    [
      "folders that are not there",
      { path: "apps/web", migrations: { directory: "db" }, environments: { staging: {} } },
      [
        `path: is "apps/web", expected a folder that is there, from ${root}`,
        'migrations.directory: is "db", expected a folder that is there, from the application\'s folder',
      ],
    ],
    [
      "no environment",
      { environments: {} },
      ["environments: is empty, expected at least one (add production: {})"],
    ],
  ])("%s", (_, config, expected) => {
    expect(problemsOf(config)).toEqual(expected);
  });
});
