import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { itemKey } from '../../lambdas/domain/report/item-key.ts';
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
const { results: reading } = openStore(cluster.primary, cluster.primary, 'reader');

const FIRST = { filter: NO_FILTER, sort: 'riskScore', descending: true, after: null, limit: 500 } as const;

beforeEach(async () => {
  await owner.query(`TRUNCATE ${TABLES.join(', ')}`);
});

async function idsOf(head: ResultHead): Promise<readonly string[] | undefined> {
  return (await results.listItems(head, FIRST))?.items.map(({ id }) => id);
}

describe('storing a result', () => {
  it('leaves the same rows however often and how many at a time', async () => {
    const result = resultOf({ seed: 1, items: 700 });
    expect(await store(results, result)).toBe('stored');
    const once = await everything(owner);
    expect(once.length).toBeGreaterThan(1400);
    await store(results, result);
    expect(await everything(owner)).toEqual(once);
    await owner.query(`TRUNCATE ${TABLES.join(', ')}`);
    const { results: others } = openStore(cluster.primary);
    const stores = [results, others, results, others];
    expect(new Set(await Promise.all(stores.map((one) => store(one, result))))).toEqual(new Set(['stored']));
    expect(await everything(owner)).toEqual(once);
  });

  it('shows nothing until all is there', async () => {
    const { head, items } = resultOf({ seed: 2, items: 1100 });
    const seen: unknown[] = [];
    async function* watched() {
      yield* newItems(items.slice(0, 1050));
      await eventually('two batches', async () => {
        const { rows } = await owner.query('SELECT count(*)::int AS n FROM items');
        return rows[0].n === 1000 ? true : undefined;
      });
      seen.push(await results.result(head), await results.listItems(head, FIRST));
      seen.push(await results.item(head, itemKey(items[0]!.item.id)));
      yield* newItems(items.slice(1050));
    }
    await results.store(head, watched());
    expect(seen).toEqual([null, null, null]);
    expect(await idsOf(head)).toHaveLength(500);
  });

  it('of a newer run replaces the older, and of an older run changes nothing', async () => {
    const first = resultOf({ seed: 3, items: 20 });
    const { jobId } = first.head;
    const second = resultOf({ seed: 4, items: 25, run: 2, jobId });
    await store(results, first);
    expect(await store(results, second)).toBe('stored');
    const newest = await everything(owner);
    expect(newest.some((row) => row.includes(`${jobId},1)`))).toBe(false);
    expect(await store(results, first)).toBe('superseded');
    expect(await everything(owner)).toEqual(newest);
    expect(await idsOf(first.head)).toHaveLength(25);
    expect(await results.result({ ...second.head, run: 3 })).toBeNull();
  });

  it('of an older run that is overtaken meanwhile leaves nothing of it', async () => {
    const first = resultOf({ seed: 5, items: 30 });
    const second = resultOf({ seed: 6, items: 10, run: 2, jobId: first.head.jobId });
    async function* overtaken() {
      yield* newItems(first.items);
      await store(results, second);
    }
    expect(await results.store(first.head, overtaken())).toBe('superseded');
    expect((await everything(owner)).filter((row) => row.startsWith('items'))).toHaveLength(10);
  });

  it('with items missing is an error, and is not shown', async () => {
    const { head, items } = resultOf({ seed: 7, items: 12 });
    await expect(results.store(head, newItems(items.slice(1)))).rejects.toThrow(/11 of 12 items/);
    expect(await results.result(head)).toBeNull();
    expect(await results.store(head, newItems(items))).toBe('stored');
  });
});

describe('a stored result', () => {
  it('has items as they were published, with their series', async () => {
    const { head, items } = resultOf({ seed: 8, items: 30 });
    await store(results, { head, items });
    for (const { item, series } of items) {
      expect(await reading.item(head, itemKey(item.id))).toEqual({ item, series });
    }
    expect(await results.item(head, itemKey('another'))).toBeNull();
    const { tenant, jobId, run, dataset, createdAt, expiresAt, document } = head;
    const { engineVersion, currency, totals } = document;
    const about = { tenant, jobId, run, dataset, createdAt, expiresAt, engineVersion, currency, totals };
    expect(await results.result(head)).toEqual(about);
  });

  it('is seen by its tenant alone', async () => {
    const mine = resultOf({ seed: 9, items: 10 });
    const theirs = resultOf({ seed: 10, items: 12, tenant: 'beta', jobId: mine.head.jobId });
    await store(results, theirs);
    const intruder = { ...theirs.head, tenant: 'acme' };
    expect(await results.result(intruder)).toBeNull();
    expect(await results.listItems(intruder, FIRST)).toBeNull();
    expect(await results.item(intruder, itemKey(theirs.items[0]!.item.id))).toBeNull();
    expect(await results.newestResults('acme', null)).toEqual([]);
    expect(await results.overview('acme', [theirs.head])).toEqual({
      byCurrency: [],
      missing: [theirs.head.jobId],
    });
    expect(
      (await results.listActions('acme', [theirs.head], { actions: [], after: null, limit: 9 })).total,
    ).toBe(0);
    await store(results, mine);
    expect(await idsOf(mine.head)).toHaveLength(10);
    expect(await idsOf(theirs.head)).toHaveLength(12);
    await results.deleteJob({ tenant: 'acme', jobId: mine.head.jobId });
    await results.deleteDataset('acme', 'spring');
    await results.deleteTenant('acme');
    expect(await idsOf(mine.head)).toBeUndefined();
    expect(await idsOf(theirs.head)).toHaveLength(12);
  });
});
