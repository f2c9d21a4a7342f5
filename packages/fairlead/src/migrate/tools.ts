import type { MigrationToolName } from "../stack/index.ts";
import type { MigrationTool } from "./port.ts";
import { dbmate } from "./tools/dbmate.ts";
import { drizzleKit } from "./tools/drizzle-kit.ts";
import { graphileMigrate } from "./tools/graphile-migrate.ts";
import { knex } from "./tools/knex.ts";
import { kyselyCtl } from "./tools/kysely-ctl.ts";
import { nodePgMigrate } from "./tools/node-pg-migrate.ts";
import { prisma } from "./tools/prisma.ts";
import { typeorm } from "./tools/typeorm.ts";

const tools = {
  "node-pg-migrate": nodePgMigrate,
  "drizzle-kit": drizzleKit,
  knex,
  "kysely-ctl": kyselyCtl,
  prisma,
  typeorm,
  dbmate,
  "graphile-migrate": graphileMigrate,
} satisfies Record<MigrationToolName, MigrationTool>;

/** Every migration tool that is known, by name. */
export const migrationTools: Record<MigrationToolName, MigrationTool> = tools;
