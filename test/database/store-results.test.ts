import { afterAll, describe, expect, it } from 'vitest';
import { documentKey, shardKey } from '../../lambdas/contracts/object-keys.ts';
import type { AnalysisDocument } from '../../lambdas/domain/report/document.ts';
import { itemKey } from '../../lambdas/domain/report/item-key.ts';
import { storeResults } from '../../lambdas/pipeline/store-results.ts';
import { Bench } from '../pipeline/run-pipeline.ts';
import { named, SCENARIOS } from '../simulation/datasets.ts';
import { startPostgres } from './postgres.ts';
import { migrateServer, NO_FILTER, openStore } from './results.ts';

const cluster = await startPostgres();
afterAll(() => cluster.stop());
await migrateServer(cluster.primary);
const { results } = openStore(cluster.primary);
const ALL = { filter: NO_FILTER, sort: 'riskScore', descending: true, after: null, limit: 10_000 } as const;

describe('storing what a job found', () => {
  const succeeding = SCENARIOS.filter(({ refusal }) => refusal === undefined);

  it.each(succeeding)('leaves the items of its document, in the same order: $name', async (scenario) => {
    const bench = new Bench(scenario.settings);
    const ref = await bench.submit(scenario, `t-${SCENARIOS.indexOf(scenario)}`);
    await bench.drain();
    const run = { ...ref, run: 1 };
    const context = { ...bench.context, results };
    expect(await storeResults(context, run)).toBe('done');
    const document: AnalysisDocument = JSON.parse(bench.store.text(documentKey(run)) ?? '');
    expect((await results.listItems(run, ALL))?.items.map(({ id }) => id)).toEqual(
      document.items.map(({ id }) => id),
    );
    const { id: datasetId } = bench.job(ref).dataset;
    const kept = bench.context.settings.resultDays * 86_400_000;
    const expiresAt = bench.job(ref).resultExpiresAt ?? new Date(bench.now + kept).toISOString();
    const { engineVersion, currency, totals } = document;
    expect(await results.result(run)).toMatchObject({
      ...run,
      dataset: { id: datasetId },
      expiresAt,
      engineVersion,
      currency,
      totals,
    });
    for (const item of document.items.slice(0, 20)) {
      const stored = await results.item(run, itemKey(item.id));
      expect(stored?.item).toEqual(item);
      expect(stored?.series.days).toHaveLength(item.totals.days);
      expect(stored?.series.clicks.reduce((sum, clicks) => sum + clicks, 0)).toBe(item.totals.clicks);
    }
  });

  it('is for the run that the job is in, and fails for what is not there', async () => {
    const small = named('small');
    const bench = new Bench(small.settings);
    const ref = await bench.submit(small, 'acme');
    await bench.drain();
    const context = { ...bench.context, results };
    expect(await storeResults(context, { ...ref, run: 2 })).toBe('stale');
    expect(await storeResults(context, { ...ref, tenant: 'beta', run: 1 })).toBe('stale');
    bench.store.objects.delete(shardKey({ ...ref, run: 1 }, 0, 1));
    await expect(storeResults(context, { ...ref, run: 1 })).rejects.toThrow();
    expect(await results.result({ ...ref, run: 1 })).toBeNull();
  });
});
