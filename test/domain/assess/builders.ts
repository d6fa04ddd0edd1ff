import type { AnalysedSeries } from '../../../lambdas/domain/assess/assessment.ts';
import { benchmarkOf } from '../../../lambdas/domain/assess/benchmark.ts';
import { segmentsOf } from '../../../lambdas/domain/assess/segments.ts';
import { type Metric, type MetricSeries, metricSeries } from '../../../lambdas/domain/assess/series.ts';
import type { ChangePoint } from '../../../lambdas/domain/detect/detector.ts';
import { type AnalysisParameters, resolveParameters } from '../../../lambdas/domain/parameters.ts';
import type { ItemDays } from '../../../lambdas/domain/totals/item-days.ts';

/** 3 March 2025. */
export const FIRST_DAY = 20_150;

/** One day: impressions, clicks, spend in currency units, and how many days after the one before it. */
export interface Day {
  readonly impressions: number;
  readonly clicks: number;
  readonly spend?: number;
  readonly after?: number;
}

/** The same day, so many times. */
export function repeat(times: number, day: Day): Day[] {
  return Array<Day>(times).fill(day);
}

export function itemOf(days: readonly Day[], id = 'Founder Story'): ItemDays {
  let day = FIRST_DAY - 1;
  return {
    id,
    days: Int32Array.from(days, ({ after = 1 }) => (day += after)),
    impressions: Float64Array.from(days, ({ impressions }) => impressions),
    clicks: Float64Array.from(days, ({ clicks }) => clicks),
    spendMicros: days.some(({ spend }) => spend !== undefined)
      ? Float64Array.from(days, ({ spend = 0 }) => Math.round(spend * 1e6))
      : null,
  };
}

export function seriesOf(days: readonly Day[], metric: Metric = 'ctr'): MetricSeries {
  const series = metricSeries(itemOf(days), metric);
  if (series === null) throw new Error('these days have no spend');
  return series;
}

/** A CTR series with these values, each of 1,000,000 impressions, or a CPC series of 1,000 clicks each. */
export function seriesOfValues(values: readonly number[], metric: Metric = 'ctr'): MetricSeries {
  const days = values.map((value) =>
    metric === 'ctr'
      ? { impressions: 1_000_000, clicks: Math.round(value * 1_000_000) }
      : { impressions: 1_000_000, clicks: 1000, spend: value * 1000 },
  );
  return seriesOf(days, metric);
}

/** A change point for the worse, unless told otherwise, where detection and onset are the same observation. */
export function changeAt(index: number, change: Partial<ChangePoint> = {}): ChangePoint {
  return { index, onsetIndex: index, direction: 'worse', score: 5, ...change };
}

/** A series as if a detector had found these changes in it, cut at their onsets. */
export function analysedWith(
  series: MetricSeries,
  changePoints: readonly ChangePoint[],
  given: Partial<AnalysisParameters> = {},
): AnalysedSeries {
  const parameters = resolveParameters(given);
  const segments = segmentsOf(
    series,
    changePoints.map(({ onsetIndex }) => onsetIndex),
  );
  return {
    series,
    distances: new Float64Array(0),
    detection: {
      changePoints,
      statistic: { name: 'level', limit: 3, start: 0, values: new Float64Array(0) },
    },
    segments,
    benchmark: benchmarkOf(series, segments, parameters),
  };
}
