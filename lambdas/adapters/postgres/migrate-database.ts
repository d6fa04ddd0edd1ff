import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { DatabaseSettings } from '../../contracts/database-environment.ts';
import { connectionConfig } from './connection.ts';
import { isOutOfReach } from './failures.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';

/** A cluster that was just made, or paused, takes connections after a while. */
const PATIENCE_MS = 120_000;
const PAUSE_MS = 1_000;
/** Building an index over much data takes its time. */
const ANSWER_MS = 10 * 60_000;

/**
 * Brings the schema of a database up to date, as its owner.
 *
 * @returns names of the migrations that were applied
 * @throws Error when the database cannot be reached within two minutes, or an applied migration was changed
 */
export async function migrateDatabase(settings: DatabaseSettings): Promise<readonly string[]> {
  const client = await connect(settings);
  try {
    return await migrate(client, MIGRATIONS);
  } finally {
    await client.end();
  }
}

async function connect(settings: DatabaseSettings): Promise<pg.Client> {
  const deadline = performance.now() + PATIENCE_MS;
  const endpoint = { host: settings.DB_HOST, port: settings.DB_PORT };
  for (;;) {
    const client = new pg.Client({
      ...connectionConfig(settings, endpoint, 'migrate'),
      query_timeout: ANSWER_MS,
    });
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (!isOutOfReach(error) || performance.now() > deadline) throw error;
      await delay(PAUSE_MS);
    }
  }
}
