import { createLogger, type Logger } from "@fairlead/runtime";

import { environment } from "./environment.ts";
import { processWide } from "./process-wide.ts";
import { currentRelease } from "./release.ts";

/** The logger of this process. */
export function logger(): Logger {
  return processWide("logger", () =>
    createLogger({ level: environment.values().LOG_LEVEL, release: currentRelease() }),
  );
}
