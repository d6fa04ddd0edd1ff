import { afterAll, describe, expect, it } from 'vitest';
import { actionsQuery } from '../../lambdas/adapters/postgres/action-list.ts';
import type { Query } from '../../lambdas/adapters/postgres/database.ts';
import { pageQuery } from '../../lambdas/adapters/postgres/item-list.ts';
import { ITEM_SORTS } from '../../lambdas/contracts/item-list.ts';
import { fillItems, type PlanNode, planOf, planRows } from './plans.ts';
import { startPostgres } from './postgres.ts';
import { migrateServer, NO_FILTER } from './results.ts';

const cluster = await startPostgres();
await migrateServer(cluster.primary);
const owner = await cluster.primary.connect();
afterAll(async () => {
  await owner.end();
  await cluster.stop();
});

// Twelve jobs of two tenants in two partitions. The benchmark does the same with a million items.
const ITEMS = 4_000;
const JOBS = await fillItems(owner, { jobs: 12, items: ITEMS });
const JOB = JOBS[4]!;

const LIMIT = 50;
/** What a page may read: its items from each of its ranges, one more than asked for, and each one's change points. */
const MOST_ROWS = 3 * (LIMIT + 1);

async function itemNodes(query: Query): Promise<PlanNode[]> {
  const plan = await planOf(owner, query);
  return plan.filter(({ relation }) => relation.startsWith('items_'));
}

describe('plans', () => {
  const middle = {
    riskScore: 0.4,
    spend: 500,
    actualOverspend: 40,
    engagementGapClicks: 400,
    healthScore: 0.4,
    id: null,
  };
  const cases = ITEM_SORTS.flatMap((sort) => [
    { sort, name: 'the first page', after: null },
    { sort, name: 'a page far back', after: { value: middle[sort], id: 'item 2000' } },
    { sort, name: 'a page among those without a figure', after: { value: null, id: 'item 3' } },
  ]);

  it.each(cases)(
    'of $name by $sort read no more than the page, through the index',
    async ({ sort, after }) => {
      const query = { filter: NO_FILTER, sort, descending: true, after, limit: LIMIT };
      const nodes = await itemNodes(pageQuery(JOB, query));
      expect(nodes.length).toBeGreaterThan(0);
      for (const { type } of nodes) expect(type).toMatch(/^(Index|Bitmap)/);
      expect(planRows(nodes)).toBeLessThanOrEqual(MOST_ROWS);
    },
  );

  it('of pages the other way round read the index backwards, past the items of one value at most', async () => {
    const query = { filter: NO_FILTER, sort: 'spend', descending: false, after: null, limit: LIMIT } as const;
    const nodes = await itemNodes(pageQuery(JOB, query));
    for (const { type } of nodes) expect(type).toMatch(/^Index/);
    expect(planRows(nodes)).toBeLessThanOrEqual(MOST_ROWS + 40);
  });

  it('of filtered pages read the items of the job once to count and once for the page', async () => {
    const filter = { ...NO_FILTER, q: 'item 39', minSpend: 10, statuses: ['fatigued'] as const };
    const query = { filter, sort: 'riskScore', descending: true, after: null, limit: LIMIT } as const;
    const nodes = await itemNodes(pageQuery(JOB, query));
    for (const { type } of nodes) expect(type).toMatch(/^(Index|Bitmap)/);
    expect(planRows(nodes)).toBeLessThanOrEqual(2 * ITEMS);
  });

  it('of actions read the items to act on alone', async () => {
    const jobs = JOBS.filter(({ tenant }) => tenant === JOB.tenant);
    const query = { actions: [], after: null, limit: LIMIT };
    const nodes = await itemNodes(actionsQuery(JOB.tenant, jobs, query));
    for (const { type } of nodes) expect(type).toMatch(/^(Index|Bitmap)/);
    // Every twentieth is to be acted on: those are counted, and read for the page once more at most.
    expect(planRows(nodes)).toBeLessThanOrEqual(jobs.length * 2 * (ITEMS / 20));
  });
});
