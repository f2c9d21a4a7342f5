import { expect, it } from "vitest";

import { testContext } from "../kernel/index.ts";
import { platformContract } from "./contract.ts";
import { createMemoryPlatform } from "./memory.ts";
import type { LogLine, StartRequest } from "./port.ts";

const requestOf = (
  id: string,
  version: string,
  parts: { isBroken?: boolean; token?: number } = {},
): StartRequest => ({
  environment: "staging",
  deploymentId: id,
  release: { id: `release-${version}`, version },
  directory: "/nowhere",
  start: { kind: "command", argv: parts.isBroken === true ? ["false"] : ["true"] },
  health: { path: "/", timeoutMs: 1000 },
  instances: 1,
  variables: {},
  drainTimeoutMs: 1000,
  ...(parts.token === undefined ? {} : { token: parts.token }),
});

const create = () =>
  createMemoryPlatform({
    judge: ({ start }) =>
      start.kind === "command" && start.argv[0] === "false" ? "it is broken" : undefined,
  });

platformContract("the memory platform", () => {
  const platform = create();
  const context = testContext();
  return Promise.resolve({
    platform,
    context,
    environment: "staging",
    request: requestOf,
    ask: async () => {
      const view = await platform.observe(context, "staging");
      return view.deployments.find(({ id }) => id === view.active)?.release.version;
    },
    dispose: () => Promise.resolve(),
  });
});

it("shows failures, counts and log lines that a test puts in", async () => {
  const platform = create();
  const context = testContext();
  await platform.start(context, requestOf("one", "1"));
  await platform.switch(context, { environment: "staging", deploymentId: "one" });
  platform.count("staging", "one", { requests: 9, errors: 2 });
  platform.write("staging", "one", "hello");
  platform.fail("staging", "one", "it crashed");
  const view = await platform.observe(context, "staging");
  expect(view.deployments[0]).toMatchObject({ state: "failed", counts: { requests: 9, errors: 2 } });
  const lines: LogLine[] = [];
  const request = { environment: "staging", tail: 5, follow: false };
  for await (const line of platform.logs(context, request)) lines.push(line);
  expect(lines).toEqual([{ deployment: "one", text: "hello" }]);
});
