import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { insertionOf, packedBatches } from '../../lambdas/adapters/postgres/item-batch.ts';
import type { ResultHead } from '../../lambdas/ports/result-store.ts';
import { eventually } from '../local/eventually.ts';
import { startPostgres } from './postgres.ts';
import { migrateServer, NO_FILTER, newItems, openStore, resultOf, store } from './results.ts';
import { everything, TABLES } from './tables.ts';

const cluster = await startPostgres();
await migrateServer(cluster.primary);
const owner = await cluster.primary.connect();
afterAll(async () => {
  await owner.end();
  await cluster.stop();
});
const { results } = openStore(cluster.primary);

const FIRST = { filter: NO_FILTER, sort: 'riskScore', descending: true, after: null, limit: 500 } as const;

beforeEach(async () => {
  await owner.query(`TRUNCATE ${TABLES.join(', ')}`);
});

async function idsOf(head: ResultHead): Promise<readonly string[] | undefined> {
  return (await results.listItems(head, FIRST))?.items.map(({ id }) => id);
}

async function countItems(): Promise<number> {
  const { rows } = await owner.query(
    `SELECT (SELECT count(*) FROM items) + (SELECT count(*) FROM item_blocks) + (SELECT count(*) FROM change_points)
      + (SELECT count(*) FROM stored_runs) AS n`,
  );
  return Number(rows[0].n);
}

describe('deletion', () => {
  it('of a job, a dataset or a tenant takes all of it and nothing else', async () => {
    const kept = resultOf({ seed: 30, items: 8, tenant: 'beta' });
    await store(results, kept);
    const before = await everything(owner);
    const first = resultOf({ seed: 31, items: 8 });
    await store(results, first);
    await results.deleteJob(first.head);
    expect(await everything(owner)).toEqual(before);
    for (const seed of [32, 33]) await store(results, resultOf({ seed, items: 8 }));
    await results.deleteDataset('acme', 'autumn');
    expect((await everything(owner)).length).toBeGreaterThan(before.length);
    await results.deleteDataset('acme', 'spring');
    expect(await everything(owner)).toEqual(before);
    const { head, items } = resultOf({ seed: 34, items: 8 });
    await store(results, { head, items });
    const torn = resultOf({ seed: 35, items: 8 });
    await expect(results.store(torn.head, newItems(torn.items.slice(1)))).rejects.toThrow();
    await results.deleteTenant('acme');
    expect(await everything(owner)).toEqual(before);
  });

  it('of a job that is being stored leaves nothing of it', async () => {
    const { head, items } = resultOf({ seed: 36, items: 700 });
    async function* interrupted() {
      yield* newItems(items.slice(0, 600));
      await results.deleteJob(head);
      yield* newItems(items.slice(600));
    }
    await expect(results.store(head, interrupted())).rejects.toThrow();
    expect(await countItems()).toBe(0);
    expect(await store(results, { head, items })).toBe('stored');
  });

  it('waits for a batch that is on its way, and takes it too', async () => {
    const { head, items } = resultOf({ seed: 37, items: 20 });
    await store(results, resultOf({ seed: 38, items: 3, jobId: head.jobId }));
    const writer = await cluster.primary.connect();
    const { rows } = await writer.query('SELECT begin_result($1, $2, 2) AS id', [head.tenant, head.jobId]);
    const { value: batch } = await packedBatches(newItems(items)).next();
    const { text, values } = insertionOf(batch, rows[0].id);
    await writer.query('BEGIN');
    await writer.query(text, [...values]);
    const deletion = results.deleteJob(head);
    await eventually('a deletion that waits', async () => {
      const waiting = `SELECT FROM pg_stat_activity WHERE usename = 'writer' AND wait_event_type = 'Lock'`;
      return (await owner.query(waiting)).rowCount === 1 ? true : undefined;
    });
    await writer.query('COMMIT');
    await writer.end();
    await deletion;
    expect(await countItems()).toBe(0);
  });

  it('of what expired drops the partitions that hold nothing else', async () => {
    const partitions = async () => {
      const { rows } = await owner.query(
        `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'items'::regclass ORDER BY 1`,
      );
      return rows.map(({ name }) => name);
    };
    const old = resultOf({
      seed: 40,
      items: 4,
      expiresAt: '2020-07-10T00:00:00.000Z',
      jobId: 'job_01E9ZZZZZZZZZZZZZZZZZZZZZZ',
    });
    const still = resultOf({ seed: 41, items: 4, jobId: 'job_01E8ZZZZZZZZZZZZZZZZZZZZZZ' });
    await store(results, still);
    await owner.query(`SELECT prepare_partitions('job_01E9ZZZZZZZZZZZZZZZZZZZZZZ')`);
    await store(results, old);
    expect(await partitions()).toEqual(expect.arrayContaining(['items_01e8', 'items_01e9']));
    expect(await results.deleteExpired('2020-07-09T23:59:59.999Z')).toBe(0);
    expect(await idsOf(old.head)).toHaveLength(4);
    expect(await results.deleteExpired('2020-07-10T00:00:00.000Z')).toBe(1);
    expect(await idsOf(old.head)).toBeUndefined();
    const left = await partitions();
    expect(left).toContain('items_01e8');
    expect(left).not.toContain('items_01e9');
    expect(await idsOf(still.head)).toHaveLength(4);
    // A job of that time that comes late makes its partition again.
    expect(
      await store(results, { ...old, head: { ...old.head, expiresAt: '2100-01-01T00:00:00.000Z' } }),
    ).toBe('stored');
    expect(await idsOf(old.head)).toHaveLength(4);
  });

  it('knows the time that a partition stands for', async () => {
    const { rows } = await owner.query(`SELECT period_end('01E9') AS at`);
    const digits = [...'01E9'].reduce(
      (sum, digit) => sum * 32 + '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(digit),
      0,
    );
    expect(rows[0].at.getTime()).toBe((digits + 1) * 32 ** 6);
  });
});
