import { z } from "zod";

const portNumber = z.int().min(1).max(65_535);
const duration = z.number().positive();
const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "a variable's name: letters, digits, _");
const urlPath = z.string().regex(/^\/\S*$/, "a path that begins with /");
const argv = z.array(z.string().min(1)).min(1);

const variable = z.union([
  z.string(),
  z.strictObject({
    description: z.string().optional(),
    /** The value in every environment that has none of its own. */
    default: z.string().optional(),
    secret: z.boolean().default(false),
    required: z.boolean().default(true),
    /**
     * Makes a random value once per environment where there is none yet (secrets of our own, not of others).
     */
    generate: z.boolean().default(false),
  }),
]);

const smokeCheck = z.strictObject({
  path: urlPath,
  method: z.enum(["GET", "HEAD", "POST"]).default("GET"),
  status: z.int().min(100).max(599).default(200),
  contains: z.string().optional(),
});

const environment = z.strictObject({
  platform: z.enum(["local"]).default("local"),
  database: z.enum(["postgres"]).default("postgres"),
  /** Public port; 3000, 3001 and 3002 for production, staging and development. */
  port: portNumber.optional(),
  /** Address to listen on; `0.0.0.0` or `::` to be reached from other machines. */
  host: z.string().default("127.0.0.1"),
  instances: z.int().min(1).max(64).default(1),
  /** The environment a release must have been active in before. */
  from: z.string().optional(),
  approval: z.boolean().default(false),
  approvalTimeoutMinutes: duration.default(60),
  variables: z.record(variableName, z.string()).default({}),
});

/** The schema of `fairlead.config.ts`; unknown keys are errors. */
export const configSchema = z.strictObject({
  application: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/, "lower-case letters, digits and -, at most 40, beginning with a letter"),
  /** Directory of the application, from the config file. */
  path: z.string().default("."),
  build: z.strictObject({ command: argv.optional(), outputs: z.array(z.string()).optional() }).default({}),
  /** `node server.js` or any other command, as an argv array. */
  start: argv.optional(),
  dev: argv.optional(),
  health: z
    .strictObject({ path: urlPath.optional(), timeoutSeconds: duration.default(60) })
    .default({ timeoutSeconds: 60 }),
  migrations: z
    .union([
      z.literal(false),
      z.strictObject({
        tool: z
          .enum([
            "node-pg-migrate",
            "drizzle-kit",
            "knex",
            "kysely-ctl",
            "prisma",
            "typeorm",
            "dbmate",
            "graphile-migrate",
          ])
          .optional(),
        directory: z.string().optional(),
      }),
    ])
    .default({}),
  seed: argv.optional(),
  variables: z.record(variableName, variable).default({}),
  smoke: z
    .strictObject({
      checks: z.array(smokeCheck).default([]),
      /** How many same-origin pages the crawl from `/` visits where there are no checks. */
      crawlPages: z.int().min(0).max(500).default(25),
      timeoutSeconds: duration.default(10),
    })
    .prefault({}),
  watch: z
    .strictObject({
      seconds: z.number().min(0).default(15),
      /** Answers needed before error rate and p95 are judged. */
      minimumRequests: z.int().min(1).default(30),
      /** How much the share of 5xx answers may rise, 0 to 1. */
      errorRateRise: z.number().min(0).max(1).default(0.02),
      /** p95 of the new release over that of the old one. */
      p95Ratio: z.number().min(1).default(2),
      /** Rise of p95 that is never judged, in milliseconds. */
      p95SlackMs: z.number().min(0).default(200),
    })
    .prefault({}),
  drainSeconds: duration.default(15),
  /** How many releases and stopped deployments are kept beside those in use. */
  keepReleases: z.int().min(1).default(5),
  environments: z.record(
    z.string().regex(/^[a-z][a-z0-9-]{0,29}$/, "lower-case letters, digits and -, at most 30"),
    environment,
  ),
});

/**
 * What a person writes in `fairlead.config.ts`:
 *
 * ```ts
 * import type { Config } from "fairlead";
 *
 * export default {
 *   application: "shop",
 *   environments: { staging: {}, production: { from: "staging", approval: true } },
 * } satisfies Config;
 * ```
 *
 * Nothing but the type comes from the package, so the file also loads where `fairlead` is not installed.
 */
export type Config = z.input<typeof configSchema>;
/**
 * The configuration with every default filled in, except the ports, which depend on the environment's name.
 */
export type ParsedConfig = z.output<typeof configSchema>;
/** One environment with its port. */
export type EnvironmentConfig = ParsedConfig["environments"][string] & { port: number };
/** The configuration with every default filled in. */
export type ResolvedConfig = Omit<ParsedConfig, "environments"> & {
  environments: Record<string, EnvironmentConfig>;
};
export type VariableConfig = Exclude<ResolvedConfig["variables"][string], string>;
