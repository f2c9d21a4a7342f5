export { defineEnvironment, enforceEnvironment, formatEnvironmentProblems } from "./environment.ts";
export type {
  Environment,
  EnvironmentCheck,
  EnvironmentProblem,
  EnvironmentSchema,
  EnvironmentSource,
} from "./environment.ts";
export { healthResponse, readyResponse } from "./health.ts";
export type { ReadinessCheck, ReadinessOptions } from "./health.ts";
export { createLogger, logLevels } from "./logger.ts";
export type { Logger, LoggerOptions, LogLevel } from "./logger.ts";
export { releaseInformation } from "./release.ts";
export type { ReleaseInformation } from "./release.ts";
export { requestIdHeader, requestIdOf } from "./request-id.ts";
