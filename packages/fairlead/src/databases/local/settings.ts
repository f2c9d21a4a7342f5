import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What a new cluster is set to; `ALTER SYSTEM` and `postgresql.auto.conf` win over it. */
function settingsFile(options: { statementStatistics: boolean }): string {
  const lines = [
    "",
    "# Set by fairlead; change them with ALTER SYSTEM. Address, port and log are given at the start.",
    "fsync = on",
    "full_page_writes = on",
    "shared_buffers = 64MB",
    "max_connections = 100",
    "password_encryption = 'scram-sha-256'",
    "wal_level = replica",
    "max_wal_senders = 10",
    "log_destination = 'stderr'",
    "log_min_duration_statement = 1000",
    "log_line_prefix = '%m [%p] %q%u@%d '",
    "log_timezone = 'UTC'",
    "timezone = 'UTC'",
    ...(options.statementStatistics ? ["shared_preload_libraries = 'pg_stat_statements'"] : []),
  ];
  return `${lines.join("\n")}\n`;
}

/** Who may connect: everybody by password, from this machine only; there are no sockets. */
const hostRules = `# Written by fairlead.
host all all 127.0.0.1/32 scram-sha-256
`;

/**
 * Puts the settings into a data directory that initdb has just made; initdb chose the rest (locale, shared
 * memory).
 */
export async function writeSettings(data: string, options: { statementStatistics: boolean }): Promise<void> {
  await appendFile(join(data, "postgresql.conf"), settingsFile(options));
  await writeFile(join(data, "pg_hba.conf"), hostRules);
}
