import { z } from "zod";

import { defineEnvironment, logLevels } from "@fairlead/runtime";

const schema = z.object({
  DATABASE_URL: z
    .string()
    .describe("a PostgreSQL URL: postgresql://user:password@host:port/database")
    .refine(isPostgresUrl, { error: "not a PostgreSQL URL" }),
  SESSION_SECRET: z.string().min(32, { error: "too short" }).describe("a random secret that signs cookies"),
  LOG_LEVEL: z.enum(logLevels).default("info"),
  RATE_LIMIT_SCALE: z.coerce
    .number({ error: "not a number" })
    .positive({ error: "not above 0" })
    .describe("a number above 0 that multiplies every rate limit")
    .default(1),
});

/** The variables of the application; read when first needed, never during the build. */
export const environment = defineEnvironment(schema);

function isPostgresUrl(text: string): boolean {
  return URL.canParse(text) && ["postgres:", "postgresql:"].includes(new URL(text).protocol);
}
