import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { actionOf } from '../../lambdas/domain/report/action.ts';
import { itemKey } from '../../lambdas/domain/report/item-key.ts';
import { compareItems } from '../../lambdas/domain/report/order.ts';
import type { ActionItem, ActionPosition, ResultHead } from '../../lambdas/ports/result-store.ts';
import { startPostgres } from './postgres.ts';
import {
  migrateServer,
  NO_FILTER,
  openStore,
  resultOf,
  store,
  streamed,
  type TestResult,
} from './results.ts';

const cluster = await startPostgres();
await migrateServer(cluster.primary);
const owner = await cluster.primary.connect();
afterAll(async () => {
  await owner.end();
  await cluster.stop();
});
const { results } = openStore(cluster.primary);
const { results: reading } = openStore(cluster.primary, cluster.primary, 'reader');

const TABLES = ['job_results', 'items', 'item_blocks', 'change_points'] as const;
const FIRST = { filter: NO_FILTER, sort: 'riskScore', descending: true, after: null, limit: 500 } as const;

beforeEach(async () => {
  await owner.query(`TRUNCATE ${TABLES.join(', ')}`);
});

/** Every row there is, as text and in order. */
async function everything(): Promise<string[]> {
  const rows: string[] = [];
  for (const table of TABLES) {
    const found = await owner.query(`SELECT '${table}' || t::text AS row FROM ${table} t ORDER BY 1`);
    rows.push(...found.rows.map(({ row }) => row));
  }
  return rows;
}

async function idsOf(head: ResultHead): Promise<readonly string[] | undefined> {
  return (await results.listItems(head, FIRST))?.items.map(({ id }) => id);
}

describe('storing a result', () => {
  it('leaves the same rows however often and how many at a time', async () => {
    const result = resultOf({ seed: 1, items: 700 });
    expect(await store(results, result)).toBe('stored');
    const once = await everything();
    expect(once.length).toBeGreaterThan(1400);
    await store(results, result);
    expect(await everything()).toEqual(once);
    await owner.query(`TRUNCATE ${TABLES.join(', ')}`);
    const { results: others } = openStore(cluster.primary);
    const stores = [results, others, results, others];
    expect(new Set(await Promise.all(stores.map((one) => store(one, result))))).toEqual(new Set(['stored']));
    expect(await everything()).toEqual(once);
  });

  it('shows nothing until all is there', async () => {
    const { head, items } = resultOf({ seed: 2, items: 1100 });
    const seen: unknown[] = [];
    async function* watched() {
      yield* items.slice(0, 1050);
      const { rows } = await owner.query('SELECT count(*)::int AS n FROM items');
      seen.push(rows[0].n, await results.result(head), await results.listItems(head, FIRST));
      seen.push(await results.item(head, itemKey(items[0]!.item.id)));
      yield* items.slice(1050);
    }
    await results.store(head, watched());
    expect(seen).toEqual([500, null, null, null]);
    expect(await idsOf(head)).toHaveLength(500);
  });

  it('of a newer run replaces the older, and of an older run changes nothing', async () => {
    const first = resultOf({ seed: 3, items: 20 });
    const { jobId } = first.head;
    const second = resultOf({ seed: 4, items: 25, run: 2, jobId });
    await store(results, first);
    expect(await store(results, second)).toBe('stored');
    const newest = await everything();
    expect(newest.some((row) => row.includes(`${jobId},1,`))).toBe(false);
    expect(await store(results, first)).toBe('superseded');
    expect(await everything()).toEqual(newest);
    expect(await idsOf(first.head)).toHaveLength(25);
    expect(await results.result({ ...second.head, run: 3 })).toBeNull();
  });

  it('of an older run that is overtaken meanwhile leaves nothing of it', async () => {
    const first = resultOf({ seed: 5, items: 30 });
    const second = resultOf({ seed: 6, items: 10, run: 2, jobId: first.head.jobId });
    async function* overtaken() {
      yield* first.items;
      await store(results, second);
    }
    expect(await results.store(first.head, overtaken())).toBe('superseded');
    expect((await everything()).filter((row) => row.startsWith('items'))).toHaveLength(10);
  });

  it('with items missing is an error, and is not shown', async () => {
    const { head, items } = resultOf({ seed: 7, items: 12 });
    await expect(results.store(head, streamed(items.slice(1)))).rejects.toThrow(/11 of 12 items/);
    expect(await results.result(head)).toBeNull();
    expect(await results.store(head, streamed(items))).toBe('stored');
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

describe('results of a portfolio', () => {
  const autumn = { id: 'autumn', name: 'Autumn' };

  it('are the newest of each dataset', async () => {
    const all = [
      resultOf({ seed: 11, items: 5 }),
      resultOf({ seed: 12, items: 5 }),
      resultOf({ seed: 13, items: 5, dataset: autumn }),
    ];
    for (const result of all.toReversed()) await store(results, result);
    const newest = await results.newestResults('acme', null);
    expect(newest.map(({ jobId }) => jobId)).toEqual([all[2]!.head.jobId, all[1]!.head.jobId]);
    expect(await results.newestResults('acme', ['spring'])).toEqual([newest[1]]);
    expect(await results.newestResults('acme', [])).toEqual([]);
  });

  it('are added up by currency, and what is missing is named', async () => {
    const pounds = [resultOf({ seed: 14, items: 90 }), resultOf({ seed: 15, items: 60, dataset: autumn })];
    const euros = resultOf({ seed: 16, items: 40, currency: 'EUR' });
    const absent = resultOf({ seed: 17, items: 1 });
    for (const result of [...pounds, euros]) await store(results, result);
    const jobs = [...pounds, euros, absent].map(({ head }) => head);
    const { byCurrency, missing } = await reading.overview('acme', jobs);
    expect(missing).toEqual([absent.head.jobId]);
    expect(byCurrency.map(({ currency }) => currency)).toEqual(['EUR', 'GBP']);
    const items = pounds.flatMap((result) => result.items.map(({ item }) => item));
    const analysed = pounds.map(({ head }) => head.document.totals.analysed);
    const atRisk = items.filter(({ verdict }) => /fatigue|decline/.test(verdict.fatigueStatus));
    const replaced = items.filter(({ verdict }) => verdict.replacementRecommended);
    const sum = (values: readonly (number | null)[]) => values.reduce<number>((a, b) => a + (b ?? 0), 0);
    const overview = byCurrency[1]!;
    expect(overview.creativesAnalysed).toBe(sum(analysed));
    expect(sum(Object.values(overview.statuses))).toBe(overview.creativesAnalysed);
    expect(overview.atRisk.creatives).toBe(atRisk.length);
    expect(overview.atRisk.spend).toBeCloseTo(sum(atRisk.map(({ totals }) => totals.spend)), 6);
    expect(overview.replaceNow.creatives).toBe(replaced.length);
    expect(replaced.length).toBeGreaterThan(0);
    expect(overview.spend).toBeCloseTo(sum(items.map(({ totals }) => totals.spend)), 6);
    expect(overview.actualOverspend).toBeCloseTo(sum(items.map(({ impact }) => impact.actualOverspend)), 6);
    expect(overview.engagementGapClicks).toBe(sum(items.map(({ impact }) => impact.engagementGapClicks)));
  });

  async function allActions(jobs: readonly TestResult[], limit: number): Promise<ActionItem[]> {
    const listed: ActionItem[] = [];
    let after: ActionPosition | null = null;
    do {
      const query = { actions: ['replace', 'watch'] as const, after, limit };
      const page = await reading.listActions(
        'acme',
        jobs.map(({ head }) => head),
        query,
      );
      expect(page.items.length).toBeLessThanOrEqual(limit);
      listed.push(...page.items);
      expect(page.total).toBeGreaterThanOrEqual(listed.length);
      if (page.next === null) expect(page.total).toBe(listed.length);
      after = page.next;
    } while (after !== null);
    return listed;
  }

  it('ask for actions, worst first over all jobs', async () => {
    // Two of the same figures and names, so that only the job tells items apart.
    const jobs = [resultOf({ seed: 18, items: 90 }), resultOf({ seed: 19, items: 80, dataset: autumn })];
    jobs.push({
      ...jobs[0]!,
      head: { ...jobs[0]!.head, jobId: resultOf({ seed: 20, items: 1 }).head.jobId },
    });
    for (const result of jobs) await store(results, result);
    await store(results, resultOf({ seed: 21, items: 50 }));
    const expected = jobs
      .flatMap(({ head, items }) =>
        items.map(({ item }) => ({ item, jobId: head.jobId, dataset: head.dataset })),
      )
      .filter(({ item }) => ['replace', 'watch'].includes(actionOf(item) ?? ''))
      .sort((a, b) => compareItems(a.item, b.item) || (a.jobId < b.jobId ? -1 : 1))
      .map(({ item, jobId, dataset }) => ({ id: item.id, action: actionOf(item), jobId, dataset }));
    expect(expected.length).toBeGreaterThan(10);
    for (const limit of [3, 500]) {
      const listed = await allActions(jobs, limit);
      expect(listed.map(({ id, action, jobId, dataset }) => ({ id, action, jobId, dataset }))).toEqual(
        expected,
      );
    }
  });
});

describe('deletion', () => {
  it('of a job, a dataset or a tenant takes all of it and nothing else', async () => {
    const kept = resultOf({ seed: 30, items: 8, tenant: 'beta' });
    await store(results, kept);
    const before = await everything();
    const first = resultOf({ seed: 31, items: 8 });
    await store(results, first);
    await results.deleteJob(first.head);
    expect(await everything()).toEqual(before);
    for (const seed of [32, 33]) await store(results, resultOf({ seed, items: 8 }));
    await results.deleteDataset('acme', 'autumn');
    expect((await everything()).length).toBeGreaterThan(before.length);
    await results.deleteDataset('acme', 'spring');
    expect(await everything()).toEqual(before);
    const { head, items } = resultOf({ seed: 34, items: 8 });
    await store(results, { head, items });
    const torn = resultOf({ seed: 35, items: 8 });
    await expect(results.store(torn.head, streamed(torn.items.slice(1)))).rejects.toThrow();
    await results.deleteTenant('acme');
    expect(await everything()).toEqual(before);
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
