import { analyzeItem } from '../../lambdas/domain/analysis.ts';
import { jobIdOf } from '../../lambdas/domain/job/job-id.ts';
import { formatDay } from '../../lambdas/domain/observation/day.ts';
import { resolveParameters } from '../../lambdas/domain/parameters.ts';
import { buildDocument } from '../../lambdas/domain/report/build-document.ts';
import type { ItemDays } from '../../lambdas/domain/totals/item-days.ts';
import type { ItemSeries } from '../../lambdas/domain/totals/item-series.ts';
import type { NewItem, ResultHead } from '../../lambdas/ports/result-store.ts';
import { Random } from '../../test/simulation/random.ts';

/** Creatives that differ; the others have the figures of one of these under a name of their own. */
const DISTINCT = 200;

export interface BenchResult {
  readonly head: ResultHead;
  readonly items: readonly NewItem[];
  readonly series: readonly ItemSeries[];
}

/** A result of creatives that wear out, every third of them, with a figure for each day. */
export function benchResult(items: number, days: number): BenchResult {
  const parameters = resolveParameters({});
  const random = new Random(1);
  const distinct = Array.from({ length: Math.min(DISTINCT, items) }, (_, index) =>
    itemDays(index, days, random),
  );
  const analysed = distinct.map((item) => analyzeItem(item, parameters));
  const all = Array.from({ length: items }, (_, index) => {
    const id = `Creative ${index} | Reel | v${index % 7}`;
    const one = analysed[index % DISTINCT];
    const series = distinct[index % DISTINCT];
    if (one === undefined || series === undefined) throw new RangeError('There are no creatives.');
    return { analysed: { ...one, result: { ...one.result, id } }, series: seriesOf(id, series) };
  });
  const document = buildDocument({
    items: all.map((item) => item.analysed),
    rows: { read: items * days, rejected: 0, reasons: {}, samples: [] },
    currency: 'GBP',
    parameters,
  });
  return {
    head: {
      tenant: 'bench',
      jobId: jobIdOf(Date.UTC(2026, 0, 1), 'bench'),
      run: 1,
      dataset: { id: 'bench', name: 'Bench' },
      createdAt: '2026-01-01T00:00:00.000Z',
      expiresAt: '2100-01-01T00:00:00.000Z',
      document,
    },
    items: all.map(({ analysed: { result: item }, series }) => ({
      item,
      json: JSON.stringify({ item, series }),
    })),
    series: all.map(({ series }) => series),
  };
}

export async function* streamed<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values;
}

function itemDays(index: number, days: number, random: Random): ItemDays {
  const shown = Array.from({ length: days }, () => 1000 + random.below(9000));
  const clicks = shown.map((impressions, day) => {
    const worn = index % 3 === 0 && day > (days * 2) / 3 ? 0.5 : 1;
    return Math.round(impressions * 0.02 * worn * (0.8 + 0.4 * random.next()));
  });
  return {
    id: `Creative ${index}`,
    days: Int32Array.from(shown, (_, day) => 20_200 + day),
    impressions: Float64Array.from(shown),
    clicks: Float64Array.from(clicks),
    spendMicros: Float64Array.from(clicks, (count) => count * (40 + random.below(10)) * 10_000),
  };
}

function seriesOf(id: string, { days, impressions, clicks, spendMicros }: ItemDays): ItemSeries {
  return {
    id,
    days: Array.from(days, formatDay),
    impressions: Array.from(impressions),
    clicks: Array.from(clicks),
    spendMicros: spendMicros === null ? null : Array.from(spendMicros),
  };
}
