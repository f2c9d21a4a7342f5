import { join } from "node:path";

import { FairleadError, readText } from "../../kernel/index.ts";
import { migrationFiles } from "../files.ts";
import { observerArguments } from "../observer.ts";
import type { Migration, MigrationPlace, MigrationTool, Query } from "../port.ts";
import { textFlag, toolUse, withLoader } from "../script-flags.ts";
import { findVersionTable, quoteTable } from "../version-table.ts";

interface JournalEntry {
  tag: string;
  /** Milliseconds since the epoch; the tool records it as `created_at`. */
  when: number;
}

const table = "__drizzle_migrations";

/**
 * drizzle-kit: SQL files named by `meta/_journal.json`, recorded by time and hash in
 * `drizzle.__drizzle_migrations`; from 1.0 on folders with a `migration.sql`, recorded by name. There is no
 * way down.
 */
export const drizzleKit = {
  name: "drizzle-kit",

  async list(place) {
    const journal = await readJournal(place);
    if (journal === undefined) return listFolders(place);
    return journal.map(({ tag }) => ({
      name: tag,
      path: join(place.directory, `${tag}.sql`),
      reversible: false,
    }));
  },

  async applied(query, place) {
    const found = await versionTable(query);
    if (found === undefined) return [];
    if (found.named) {
      const rows = await query<{ name: string; created_at: string }>(
        `select name, created_at from ${found.quoted} order by id`,
      );
      return rows.map((row) => ({ name: row.name }));
    }
    const rows = await query<{ hash: string; created_at: string }>(
      `select hash, created_at from ${found.quoted} order by created_at, id`,
    );
    const journal = (await readJournal(place)) ?? [];
    return rows.map((row) => {
      const entry = journal.find(({ when }) => when === Number(row.created_at));
      return { name: entry?.tag ?? `(${row.hash.slice(0, 12)})` };
    });
  },

  async ownTables(query) {
    const found = await versionTable(query);
    return found === undefined ? [] : [{ schema: found.schema, table: found.table }];
  },

  async up(call) {
    const use = await toolUse(call.applicationDirectory, ["drizzle-kit"]);
    const config = textFlag(use.flags, "config");
    // The tool says nothing of what Postgres refuses.
    const nodeArgs = [...use.nodeArgs, ...observerArguments()];
    const argv = [...withLoader(call.program("drizzle-kit"), nodeArgs), "migrate"];
    return config === undefined ? argv : [...argv, "--config", config];
  },
} satisfies MigrationTool;

async function readJournal(place: MigrationPlace): Promise<JournalEntry[] | undefined> {
  const path = join(place.applicationDirectory, place.directory, "meta/_journal.json");
  const text = await readText(path);
  if (text === undefined) return undefined;
  try {
    return (JSON.parse(text) as { entries: JournalEntry[] }).entries;
  } catch (error) {
    throw new FairleadError("migrations-broken", `${path} is not valid JSON`, {
      cause: error,
      hint: "Restore it from version control; drizzle-kit writes it.",
    });
  }
}

async function listFolders(place: MigrationPlace): Promise<Migration[]> {
  const files = await migrationFiles(place);
  const migrations: Migration[] = [];
  for (const { name, path, isDirectory } of files) {
    const sql = join(path, "migration.sql");
    if (!isDirectory || (await readText(join(place.applicationDirectory, sql))) === undefined) continue;
    migrations.push({ name, path: sql, reversible: false });
  }
  return migrations;
}

async function versionTable(query: Query) {
  const old = await findVersionTable(query, { name: table, columns: ["id", "hash", "created_at"] });
  if (old !== undefined) return { ...old, quoted: quoteTable(old), named: false };
  const columns = ["id", "hash", "created_at", "name", "applied_at"];
  const named = await findVersionTable(query, { name: table, columns });
  return named === undefined ? undefined : { ...named, quoted: quoteTable(named), named: true };
}
