import { describe, expect, it } from 'vitest';
import { type JobRun, seriesKey, shardKey } from '../../lambdas/contracts/object-keys.ts';
import { shardOf } from '../../lambdas/domain/totals/codec.ts';
import type { ItemSeries } from '../../lambdas/domain/totals/item-series.ts';
import { readResults } from '../../lambdas/pipeline/read-results.ts';
import type { ObjectStore } from '../../lambdas/ports/object-store.ts';
import { named, SCENARIOS } from '../simulation/datasets.ts';
import { reference } from '../simulation/reference.ts';
import { Bench } from './run-pipeline.ts';

async function finished(name: string): Promise<{ bench: Bench; run: JobRun; shards: number }> {
  const scenario = named(name);
  const bench = new Bench(scenario.settings);
  const ref = await bench.submit(scenario);
  await bench.drain();
  const { state, plan } = bench.job(ref);
  expect(state).toBe('SUCCEEDED');
  return { bench, run: { ...ref, run: 1 }, shards: plan?.shards ?? expect.fail('no plan') };
}

async function collect(objects: Pick<ObjectStore, 'stream'>, run: JobRun, shards: number) {
  const found = [];
  for await (const one of readResults(objects, run, shards)) found.push(one);
  return found;
}

describe('the results of a run', () => {
  it.each(SCENARIOS.filter(({ refusal }) => refusal === undefined))(
    'hold every item with its exact daily totals: $name',
    async ({ name }) => {
      const { bench, run, shards } = await finished(name);
      const { items, json } = await reference(named(name));
      const found = await collect(bench.context.objects, run, shards);
      const order: string[] = JSON.parse(json).items.map(({ id }: { id: string }) => id);
      const byShard = Array.from({ length: shards }, (_, shard) =>
        order.filter((id) => shardOf(id, shards) === shard),
      );
      expect(found.map(({ item }) => item.result.id)).toEqual(byShard.flat());
      for (const { item, result, series } of found) {
        const expected = items.get(item.result.id);
        expect(JSON.stringify(item.result)).toBe(expected?.result);
        expect(result).toBe(expected?.result);
        expect(series).toBe(expected?.series);
      }
    },
  );

  it('are kept by a job that was done in one go as those of one shard', async () => {
    const { bench, run } = await finished('small');
    const found = await collect(bench.context.objects, run, 1);
    const [first] = found;
    expect(found).toHaveLength(4);
    const series: ItemSeries = JSON.parse(first?.series ?? '');
    expect(series.days).toHaveLength(32);
    expect(series.days[0]).toBe('2025-01-01');
    const spend = series.spendMicros?.reduce((sum, micros) => sum + micros, 0);
    expect(spend).toBe(first?.item.spendMicros);
    expect((spend ?? 0) / 1e6).toBe(first?.item.result.totals.spend);
  });

  it('are refused when the two objects of a shard do not belong together', async () => {
    const { bench, run } = await finished('small');
    const lines = (bench.store.text(seriesKey(run, 0, 1)) ?? '').trimEnd().split('\n');
    const { objects } = bench.context;
    const spoilt = (series: readonly string[]) => {
      bench.store.put(seriesKey(run, 0, 1), Buffer.from(series.map((line) => `${line}\n`).join('')));
      return collect(objects, run, 1);
    };
    await expect(spoilt(lines.slice(1))).rejects.toThrow(/stands beside/);
    await expect(spoilt(lines.slice(0, 3))).rejects.toThrow(/no series of/);
    await expect(spoilt([...lines, lines[0] ?? ''])).rejects.toThrow(/more series/);
    await expect(spoilt(lines)).resolves.toHaveLength(4);
  });

  it('are read no further than they are wanted, and their streams closed', async () => {
    const { bench, run, shards } = await finished('plain');
    const { objects } = bench.context;
    const opened: string[] = [];
    let open = 0;
    const watched: Pick<ObjectStore, 'stream'> = {
      async *stream(object) {
        opened.push(object.key);
        open++;
        try {
          yield* objects.stream(object);
        } finally {
          open--;
        }
      },
    };
    expect(shards).toBeGreaterThan(1);
    for await (const { item } of readResults(watched, run, shards)) {
      expect(item.result.id).not.toBe('');
      break;
    }
    expect(open).toBe(0);
    expect(opened.sort()).toEqual([seriesKey(run, 0, shards), shardKey(run, 0, shards)]);
  });
});
