/** The newest migration that this release needs; a test compares it with the folder. */
export const expectedMigration = "1795300000003_rate-limits";
