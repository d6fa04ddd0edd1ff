import type pg from 'pg';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { migrate } from '../../lambdas/adapters/postgres/migrate.ts';
import { MIGRATIONS } from '../../lambdas/adapters/postgres/migrations/index.ts';
import { startPostgres } from './postgres.ts';

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

const NAMES = MIGRATIONS.map(({ name }) => name);

describe('migrations', () => {
  it('are applied once, whoever comes at the same time', async () => {
    const clients = await Promise.all([connect(), connect(), connect()]);
    const applied = await Promise.all(clients.map((client) => migrate(client, MIGRATIONS)));
    expect(applied.flat()).toEqual(NAMES);
    expect(await migrate(await connect(), MIGRATIONS)).toEqual([]);
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
