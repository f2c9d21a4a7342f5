export { migrateDown, type UndoneMigrations } from "./down.ts";
export * from "./port.ts";
export { type ProofRequest, type ProofResult, proveDown } from "./proof.ts";
export { type MigrationRequest, type RunOptions } from "./request.ts";
export { migrationStatus, type MigrationStatus } from "./status.ts";
export { migrationTools } from "./tools.ts";
export { migrateUp, type MigrationResult } from "./up.ts";
