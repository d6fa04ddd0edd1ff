import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { actionOf } from '../../lambdas/domain/report/action.ts';
import { compareItems } from '../../lambdas/domain/report/order.ts';
import type { ActionItem, ActionPosition } from '../../lambdas/ports/result-store.ts';
import { startPostgres } from './postgres.ts';
import { migrateServer, openStore, resultOf, store, type TestResult } from './results.ts';

const cluster = await startPostgres();
afterAll(() => cluster.stop());
await migrateServer(cluster.primary);
const { results } = openStore(cluster.primary);
const { results: reading } = openStore(cluster.primary, cluster.primary, 'reader');

beforeEach(() => results.deleteTenant('acme'));

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
