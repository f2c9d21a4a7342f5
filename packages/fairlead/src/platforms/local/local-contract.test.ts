import { platformContract } from "../contract.ts";
import { createProject } from "./test/project.ts";

platformContract("the local platform", async () => {
  const project = await createProject();
  return {
    platform: project.platform,
    context: project.context,
    environment: "production",
    request: (id, version, { isBroken = false, token } = {}) =>
      project.request(id, version, {
        mode: isBroken ? "exit" : "",
        ...(token === undefined ? {} : { token }),
      }),
    ask: () => project.ask(),
    dispose: () => project.dispose(),
  };
});
