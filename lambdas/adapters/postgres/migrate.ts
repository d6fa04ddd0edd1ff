import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Migration } from './migrations/index.ts';

/** Any number, the same for all that migrate. */
const LOCK = 7_214_950_361;

/**
 * Applies the migrations that a database has not had, in one transaction. Whoever comes at the same time waits, and then
 * finds them applied. A database that has more, from a later deployment, is left as it is: there is no way back.
 *
 * @param client a connection as the owner of the schema
 * @returns names of the migrations that were applied
 * @throws Error when a migration that was applied has been changed since
 */
export async function migrate(
  client: pg.ClientBase,
  migrations: readonly Migration[],
): Promise<readonly string[]> {
  await client.query('BEGIN');
  try {
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    const applied = await appliedChecksums(client);
    const names: string[] = [];
    for (const migration of migrations) {
      if (isApplied(migration, applied)) continue;
      await apply(client, migration);
      names.push(migration.name);
    }
    await client.query('COMMIT');
    return names;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

async function appliedChecksums(client: pg.ClientBase): Promise<ReadonlyMap<number, string>> {
  await client.query(`
    CREATE TABLE IF NOT EXISTS schema_migrations (
      version integer PRIMARY KEY,
      name text NOT NULL,
      checksum text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now()
    )`);
  const { rows } = await client.query<{ version: number; checksum: string }>(
    'SELECT version, checksum FROM schema_migrations',
  );
  return new Map(rows.map(({ version, checksum }) => [version, checksum]));
}

function isApplied(migration: Migration, applied: ReadonlyMap<number, string>): boolean {
  const checksum = applied.get(migration.version);
  if (checksum === undefined) return false;
  if (checksum === checksumOf(migration)) return true;
  throw new Error(`Migration ${migration.version} (${migration.name}) was changed after it was applied.`);
}

async function apply(client: pg.ClientBase, migration: Migration): Promise<void> {
  const { version, name, sql } = migration;
  await client.query(sql);
  await client.query('INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)', [
    version,
    name,
    checksumOf(migration),
  ]);
}

function checksumOf({ sql }: Migration): string {
  return createHash('sha256').update(sql).digest('hex');
}
