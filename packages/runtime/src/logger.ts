import { pino, stdTimeFunctions } from "pino";
import type { DestinationStream, Logger } from "pino";

import type { ReleaseInformation } from "./release.ts";

export type { Logger } from "pino";

export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LoggerOptions {
  level: LogLevel;
  release: ReleaseInformation;
  /** Paths that are never printed, in addition to the usual names of secrets. */
  redact?: readonly string[];
  /** Where the lines go; stdout by default. */
  destination?: DestinationStream;
}

const SECRET_NAMES = ["password", "secret", "token", "cookie", "authorization", "connectionString"];

/** Makes a logger that prints one JSON object per line, with the level as a word and secrets left out. */
export function createLogger(options: LoggerOptions): Logger {
  const paths = SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  const settings = {
    level: options.level,
    base: { release: options.release.release, version: options.release.version },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: [...paths, "headers['set-cookie']", ...(options.redact ?? [])], censor: "[redacted]" },
  };
  return options.destination ? pino(settings, options.destination) : pino(settings);
}
