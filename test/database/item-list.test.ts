import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { searchName } from '../../lambdas/adapters/postgres/item-rows.ts';
import { ITEM_SORTS, type ItemSort } from '../../lambdas/contracts/item-list.ts';
import { FATIGUE_STATUSES, type ItemResult } from '../../lambdas/domain/report/document.ts';
import { CHANGES, lastingChange } from '../../lambdas/domain/report/lasting-change.ts';
import { compareCodePoints } from '../../lambdas/domain/report/order.ts';
import { isAnalysed } from '../../lambdas/domain/report/since.ts';
import type { ItemFilter, ItemPosition, ItemSummary } from '../../lambdas/ports/result-store.ts';
import { startPostgres } from './postgres.ts';
import { migrateServer, NO_FILTER, openStore, resultOf, store } from './results.ts';

const cluster = await startPostgres();
afterAll(() => cluster.stop());
await migrateServer(cluster.primary);
const { results } = openStore(cluster.primary);
const { results: reading } = openStore(cluster.primary, cluster.primary, 'reader');
const result = resultOf({ seed: 1, items: 240 });
await store(results, result);
// Others, which must not show.
await store(results, resultOf({ seed: 2, items: 30 }));
await store(results, resultOf({ seed: 3, items: 30, tenant: 'beta', jobId: result.head.jobId }));

const ITEMS = result.items.map(({ item }) => item);

/** The figure that an item is sorted by. */
const VALUES: Record<Exclude<ItemSort, 'id'>, (item: ItemResult) => number | null> = {
  riskScore: ({ verdict }) => verdict.riskScore,
  healthScore: ({ verdict }) => verdict.healthScore,
  spend: ({ totals }) => totals.spend,
  actualOverspend: ({ impact }) => impact.actualOverspend,
  engagementGapClicks: ({ impact }) => impact.engagementGapClicks,
};

function sorted(items: readonly ItemResult[], sort: ItemSort, descending: boolean): string[] {
  const sign = descending ? -1 : 1;
  const compare = (a: ItemResult, b: ItemResult): number => {
    if (sort === 'id') return sign * compareCodePoints(a.id, b.id);
    const [x, y] = [VALUES[sort](a), VALUES[sort](b)];
    if (x === null || y === null) {
      return Number(x === null) - Number(y === null) || compareCodePoints(a.id, b.id);
    }
    return sign * (x - y) || compareCodePoints(a.id, b.id);
  };
  return items.toSorted(compare).map(({ id }) => id);
}

function passes(item: ItemResult, filter: ItemFilter): boolean {
  const { verdict, totals, impact, metrics } = item;
  const change = lastingChange(item);
  const excluded = !isAnalysed(metrics.ctr) && (metrics.cpc === null || !isAnalysed(metrics.cpc));
  return (
    (filter.statuses.length === 0 || filter.statuses.includes(verdict.fatigueStatus)) &&
    (filter.replace === null || verdict.replacementRecommended === filter.replace) &&
    (filter.excluded === null || excluded === filter.excluded) &&
    (filter.minSpend === null || (totals.spend !== null && totals.spend >= filter.minSpend)) &&
    (filter.minOverspend === null ||
      (impact.actualOverspend !== null && impact.actualOverspend >= filter.minOverspend)) &&
    (filter.changed === null || change?.direction === filter.changed) &&
    (filter.from === null || (change !== null && change.day >= filter.from)) &&
    (filter.q === null || searchName(item.id).includes(searchName(filter.q)))
  );
}

/** All pages one after the other, with what `between` does between two. */
async function readAll(
  query: {
    readonly sort: ItemSort;
    readonly descending: boolean;
    readonly filter?: ItemFilter;
    readonly limit: number;
  },
  between: () => Promise<unknown> = async () => undefined,
): Promise<{ items: ItemSummary[]; totals: number[] }> {
  const items: ItemSummary[] = [];
  const totals: number[] = [];
  let after: ItemPosition | null = null;
  do {
    const page = await reading.listItems(result.head, { filter: NO_FILTER, ...query, after });
    if (page === null) throw new Error('There is no result.');
    expect(page.items.length).toBeLessThanOrEqual(query.limit);
    items.push(...page.items);
    totals.push(page.total);
    after = page.next;
    await between();
  } while (after !== null);
  return { items, totals };
}

describe('a list of items', () => {
  it('has what a list of them can be sorted by in many ways: shared values, and none', () => {
    for (const value of Object.values(VALUES)) {
      const values = ITEMS.map(value);
      expect(new Set(values).size).toBeLessThan(ITEMS.length);
      expect(new Set(values).size).toBeGreaterThan(5);
    }
    expect(ITEMS.some(({ verdict }) => verdict.riskScore === null)).toBe(true);
    expect(new Set(ITEMS.map(({ verdict }) => verdict.fatigueStatus)).size).toBeGreaterThanOrEqual(3);
    expect(new Set(ITEMS.map((item) => lastingChange(item)?.direction)).size).toBe(3);
  });

  it.each(ITEM_SORTS.flatMap((sort) => [true, false].map((descending) => ({ sort, descending }))))(
    'is complete and in order by $sort, descending $descending, while other jobs are written',
    async ({ sort, descending }) => {
      let seed = 1000 * ITEM_SORTS.indexOf(sort) + (descending ? 500 : 0) + 100;
      const { items, totals } = await readAll({ sort, descending, limit: 50 }, () =>
        store(results, resultOf({ seed: seed++, items: 10 })),
      );
      expect(items.map(({ id }) => id)).toEqual(sorted(ITEMS, sort, descending));
      expect(new Set(totals)).toEqual(new Set([ITEMS.length]));
    },
  );

  it('gives what any filter lets pass, on pages of any size', async () => {
    const days = ITEMS.map((item) => lastingChange(item)?.day).filter((day) => day !== undefined);
    const numbers = (of: (item: ItemResult) => number | null) =>
      fc.option(fc.constantFrom(...ITEMS.map(of).filter((value) => value !== null)));
    const filter = fc.record({
      statuses: fc.uniqueArray(fc.constantFrom(...FATIGUE_STATUSES), { maxLength: 2 }),
      replace: fc.option(fc.boolean(), { freq: 1 }),
      excluded: fc.option(fc.boolean(), { freq: 1 }),
      minSpend: numbers(VALUES.spend),
      minOverspend: numbers(VALUES.actualOverspend),
      changed: fc.option(fc.constantFrom(...CHANGES), { freq: 1 }),
      from: fc.option(fc.constantFrom(...days), { freq: 1 }),
      q: fc.option(fc.constantFrom('été', 'FINAL', 'abc', '%', '_v', 'l\\', "'", ' 1', '𝄞'), { freq: 1 }),
    });
    const sort = fc.constantFrom(...ITEM_SORTS);
    await fc.assert(
      fc.asyncProperty(
        sort,
        fc.boolean(),
        filter,
        fc.integer({ min: 1, max: 60 }),
        async (by, descending, wanted, size) => {
          const expected = sorted(
            ITEMS.filter((item) => passes(item, wanted)),
            by,
            descending,
          );
          const limit = Math.max(size, Math.ceil(expected.length / 6));
          const { items, totals } = await readAll({ sort: by, descending, filter: wanted, limit });
          expect(items.map(({ id }) => id)).toEqual(expected);
          expect(new Set(totals)).toEqual(new Set([expected.length]));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('finds names whatever their case and writing', async () => {
    const { items } = await readAll({
      sort: 'id',
      descending: false,
      limit: 500,
      filter: { ...NO_FILTER, q: 'AbC' },
    });
    expect(items.length).toBe(48);
    expect(items.every(({ id }) => id.startsWith('ＡＢＣ'))).toBe(true);
  });

  it('says of an item what the document says', async () => {
    const { items } = await readAll({ sort: 'riskScore', descending: true, limit: 500 });
    for (const item of ITEMS) {
      const line = items.find(({ id }) => id === item.id)!;
      expect(line).toMatchObject({
        status: item.verdict.fatigueStatus,
        riskScore: item.verdict.riskScore,
        healthScore: item.verdict.healthScore,
        impressions: item.totals.impressions,
        spend: item.totals.spend,
        from: item.totals.from,
        actualOverspend: item.impact.actualOverspend,
        engagementGapClicks: item.impact.engagementGapClicks,
        rationale: item.verdict.rationale,
        changed: lastingChange(item),
      });
      const { ctr } = item.metrics;
      const changes = 'changePoints' in ctr ? ctr.changePoints : [];
      expect(line.changePoints.filter(({ metric }) => metric === 'ctr')).toEqual(
        changes.map(({ day, onsetDay, direction }) => ({ metric: 'ctr', day, onsetDay, direction })),
      );
      expect(line.excluded).toBe('excluded' in ctr ? ctr.excluded.reason : null);
    }
  });
});
