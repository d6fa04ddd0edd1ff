import { assertAcceptable } from './assess/acceptance.ts';
import { assess, benchmarked } from './assess/assessment.ts';
import { correlationOf } from './assess/correlation.ts';
import { impactOf } from './assess/impact.ts';
import { metricSeries } from './assess/series.ts';
import { verdictOf } from './assess/verdict.ts';
import { wearOutPValue } from './detect/discoveries.ts';
import type { RowCounts } from './observation/reject.ts';
import type { AnalysisParameters } from './parameters.ts';
import { type AnalyzedItem, buildDocument } from './report/build-document.ts';
import type { AnalysisDocument } from './report/document.ts';
import { itemTotals, metricResult } from './report/item-result.ts';
import type { ItemDays } from './totals/item-days.ts';

export type { AnalyzedItem };
export { assertAcceptable, buildDocument };

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
 * @throws AnalysisError `empty_dataset`, `too_many_rejected_rows`, `overflow`
 */
export function analyze({ items, rows, currency, parameters }: DatasetDays): AnalysisDocument {
  assertAcceptable(rows, parameters.maxRejectedFraction);
  const analyzed = Array.from(items, (item) => analyzeItem(item, parameters));
  return buildDocument({ items: analyzed, rows, currency, parameters });
}

/**
 * Analyses one item: exclusions, change points, segments, benchmarks, impact and verdict (analysis spec §3 to §9).
 *
 * @throws AnalysisError `overflow` when one of its totals is past 2^53 − 1
 */
export function analyzeItem(item: ItemDays, parameters: AnalysisParameters): AnalyzedItem {
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
