import { enforceEnvironment } from "@fairlead/runtime";

import { environment } from "./environment.ts";
import { logger } from "./logger.ts";
import { currentRelease } from "./release.ts";
import { watchShutdown } from "./shutdown.ts";

/** Checks the environment and says which release starts; ends the process where variables are missing. */
export function start(): void {
  enforceEnvironment(environment);
  watchShutdown();
  logger().info({ commit: currentRelease().commit }, "the server starts");
}
