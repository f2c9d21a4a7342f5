export { migrateDown, type UndoneMigrations } from "./down.ts";
export { fingerprintOf, schemaDescription, schemaDifference, schemaFingerprint } from "./fingerprint.ts";
export * from "./port.ts";
export { findPackage, resolveProgram } from "./program.ts";
export { type ProofRequest, type ProofResult, proveDown } from "./proof.ts";
export { type MigrationRequest, queryOver, type RunOptions } from "./request.ts";
export { migrationStatus, type MigrationStatus } from "./status.ts";
export { migrationTools } from "./tools.ts";
export { migrateUp, type MigrationResult } from "./up.ts";
