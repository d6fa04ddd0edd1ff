import pg from 'pg';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createDatabase } from '../../lambdas/adapters/postgres/database.ts';
import { createPostgresHistoryStore } from '../../lambdas/adapters/postgres/history-store.ts';
import { migrate } from '../../lambdas/adapters/postgres/migrate.ts';
import { MIGRATIONS } from '../../lambdas/adapters/postgres/migrations/index.ts';
import { itemKey } from '../../lambdas/domain/report/item-key.ts';
import type { ItemSeries } from '../../lambdas/domain/totals/item-series.ts';
import { startPostgres } from './postgres.ts';
import { settingsFor, streamed } from './results.ts';

const cluster = await startPostgres();
afterAll(() => cluster.stop());

const opened: pg.Client[] = [];
async function connect(): Promise<pg.Client> {
  const client = await cluster.primary.connect();
  opened.push(client);
  return client;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((client) => client.end()));
});

/** As it was written before items were packed: with and without spend on a day, and an item that lost all of its days. */
const EARLIER_HISTORY = `
  INSERT INTO history_items (tenant, dataset_id, version, content_hash, key, id, days, impressions, clicks, spend_micros)
  VALUES ('t', 'd', 1, '', '${itemKey('A')}', 'A', '{2026-01-01,2026-01-03}', '{9007199254740991,5}', '{0,4}', '{123456789012,0}'),
    ('t', 'd', 1, '', '${itemKey('B')}', 'B', '{2026-01-01,2026-01-03}', '{9007199254740991,5}', '{0,4}', '{7,NULL}'),
    ('t', 'd', 1, '', '${itemKey('C')}', 'C', '{}', '{}', '{}', '{}')`;

const NAMES = MIGRATIONS.map(({ name }) => name);

describe('migrations', () => {
  it('are applied once, whoever comes at the same time', async () => {
    const clients = await Promise.all([connect(), connect(), connect()]);
    const applied = await Promise.all(clients.map((client) => migrate(client, MIGRATIONS)));
    expect(applied.flat()).toEqual(NAMES);
    expect(await migrate(await connect(), MIGRATIONS)).toEqual([]);
  });

  it('keep every figure of a history', async () => {
    const client = await connect();
    await client.query('CREATE DATABASE earlier');
    const earlier = createDatabase(
      { ...settingsFor(cluster.primary, cluster.primary, 'owner'), DB_NAME: 'earlier' },
      'test',
    );
    const owner = new pg.Client({
      host: '127.0.0.1',
      port: cluster.primary.port,
      user: 'owner',
      database: 'earlier',
    });
    await owner.connect();
    await migrate(owner, MIGRATIONS.slice(0, 4));
    await owner.query(EARLIER_HISTORY);
    await migrate(owner, MIGRATIONS);
    await owner.end();
    const history = createPostgresHistoryStore(earlier);
    const dataset = { tenant: 't', datasetId: 'd' };
    const before: ItemSeries[] = [];
    for await (const { series } of history.items(dataset, 0)) before.push(series);
    before.sort((a, b) => (a.id < b.id ? -1 : 1));
    const days = ['2026-01-01', '2026-01-03'];
    const known = { id: 'A', days, impressions: [2 ** 53 - 1, 5], clicks: [0, 4] };
    expect(before).toEqual([
      { ...known, spendMicros: [123_456_789_012, 0] },
      { ...known, id: 'B', spendMicros: null },
    ]);
    // The same figures are no change of A, and B loses the days that it no longer has.
    const upload = { ...dataset, jobId: 'job_1', currency: 'GBP' };
    const added = before.slice(0, 1);
    expect(await history.add(upload, () => streamed(added))).toMatchObject({ changed: 1 });
    expect(await history.add(upload, () => streamed(added))).toMatchObject({ changed: 0 });
    await earlier.end();
    await client.query('DROP DATABASE earlier');
  });

  it('are numbered in their order', () => {
    expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
  });

  it('must not change once they are applied', async () => {
    const client = await connect();
    const changed = MIGRATIONS.map((one) => ({ ...one, sql: `${one.sql}-- changed` }));
    await expect(migrate(client, changed)).rejects.toThrow(/Migration 1 \(results\) was changed/);
  });

  it('that fail leave nothing of themselves', async () => {
    const client = await connect();
    const version = MIGRATIONS.length + 1;
    const sql = 'CREATE TABLE half (id integer); SELECT 1 / 0';
    await expect(migrate(client, [...MIGRATIONS, { version, name: 'half', sql }])).rejects.toThrow(/zero/);
    const { rows } = await client.query(`SELECT to_regclass('half') AS half`);
    expect(rows).toEqual([{ half: null }]);
    const whole = { version, name: 'whole', sql: 'CREATE TABLE whole (id integer)' };
    expect(await migrate(client, [...MIGRATIONS, whole])).toEqual(['whole']);
  });

  it('leave a database alone that has more of them', async () => {
    expect(await migrate(await connect(), MIGRATIONS)).toEqual([]);
  });

  it('set the time a statement may take on the roles, and give them no more than they need', async () => {
    const client = await connect();
    const { rows } = await client.query(
      `SELECT rolname, array_to_string(rolconfig, ' ') AS config FROM pg_roles WHERE rolname IN ('writer', 'reader')`,
    );
    expect(rows).toHaveLength(2);
    for (const { config } of rows) expect(config).toContain('statement_timeout=30s');
    await client.query('SET ROLE reader');
    await expect(client.query(`DELETE FROM items`)).rejects.toThrow(/permission denied/);
    await expect(client.query(`SELECT delete_expired(now())`)).rejects.toThrow(/permission denied/);
    await client.query('SET ROLE writer');
    await expect(client.query(`DROP TABLE items`)).rejects.toThrow(/must be owner/);
    await expect(client.query(`CREATE TABLE mine (id integer)`)).rejects.toThrow(/permission denied/);
    await expect(client.query(`UPDATE items SET id = id`)).rejects.toThrow(/permission denied/);
  });
});
