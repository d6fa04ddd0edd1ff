import { assertAcceptable } from './assess/acceptance.ts';
import { assess, benchmarked } from './assess/assessment.ts';
import { correlationOf } from './assess/correlation.ts';
import { impactOf } from './assess/impact.ts';
import { metricSeries } from './assess/series.ts';
import { verdictOf } from './assess/verdict.ts';
import { wearOutPValue } from './detect/discoveries.ts';
import { AnalysisError } from './errors.ts';
import type { RowCounts } from './observation/reject.ts';
import type { AnalysisParameters } from './parameters.ts';
import { type AnalyzedItem, buildDocument } from './report/build-document.ts';
import type { AnalysisDocument } from './report/document.ts';
import { itemTotals, metricResult } from './report/item-result.ts';
import type { ItemDays } from './totals/item-days.ts';

export type { AnalyzedItem };
export { assertAcceptable, buildDocument };

/**
 * Most observed days of one item: 27 years. The time of the level detector grows with the square of a quiet stretch, so
 * a single item of millions of made-up days could otherwise hold a worker for hours.
 */
const MAX_DAYS = 10_000;

/** The daily totals of a dataset, with how its rows were read. */
export interface DatasetDays {
  /** In any order; ids are unique. */
  readonly items: Iterable<ItemDays>;
  readonly rows: RowCounts;
  /** ISO 4217. */
  readonly currency: string;
  readonly parameters: AnalysisParameters;
}

/**
 * Analyses a dataset (analysis spec §3 to §10). The document depends neither on the order of the items nor on how the
 * rows were cut when they were summed.
 *
 * @throws AnalysisError `empty_dataset`, `too_many_rejected_rows`, `overflow`, `dataset_too_large`
 */
export function analyze({ items, rows, currency, parameters }: DatasetDays): AnalysisDocument {
  assertAcceptable(rows, parameters.maxRejectedFraction);
  const analyzed = Array.from(items, (item) => analyzeItem(item, parameters));
  return buildDocument({ items: analyzed, rows, currency, parameters });
}

/**
 * Analyses one item: exclusions, change points, segments, benchmarks, impact and verdict (analysis spec §3 to §9).
 *
 * @throws AnalysisError `overflow` when one of its totals is past 2^53 − 1, `dataset_too_large` past 10,000 days
 */
export function analyzeItem(item: ItemDays, parameters: AnalysisParameters): AnalyzedItem {
  assertBounded(item);
  const { totals, spendMicros } = itemTotals(item);
  const series = { ctr: metricSeries(item, 'ctr'), cpc: metricSeries(item, 'cpc') };
  const ctr = assess(series.ctr, parameters);
  const cpc = series.cpc === null ? null : assess(series.cpc, parameters);
  const benchmarks = { ctr: benchmarked(ctr), cpc: benchmarked(cpc) };
  const impact = {
    ...impactOf(spendMicros, benchmarks, parameters.impactScope),
    correlation: correlationOf(series.ctr, series.cpc),
  };
  const isTested = parameters.falseDiscoveryRate !== null && !('excluded' in ctr);
  return {
    result: {
      id: item.id,
      totals,
      metrics: {
        ctr: metricResult(ctr, parameters),
        cpc: cpc === null ? null : metricResult(cpc, parameters),
      },
      impact,
      verdict: verdictOf({ ctr, cpc }, impact, parameters),
    },
    spendMicros,
    wearOutPValue: isTested ? wearOutPValue(ctr.series) : null,
  };
}

function assertBounded({ id, days }: ItemDays): void {
  if (days.length <= MAX_DAYS) return;
  throw new AnalysisError(
    'dataset_too_large',
    `${JSON.stringify(id.slice(0, 80))} has ${days.length} days with data; at most ${MAX_DAYS} are analysed.`,
    'Check that the day column holds days, or send fewer years.',
  );
}
