import { formatDay } from '../observation/day.ts';
import type { Segment, Trend } from '../report/document.ts';
import { compareFigures } from '../statistics/figures.ts';
import { meanOf } from '../statistics/mean.ts';
import { fitLine } from '../statistics/regression.ts';
import type { MetricSeries } from './series.ts';

/** Fewest observations that can have a trend (analysis spec §6). */
const TREND_MINIMUM = 5;
const SIGNIFICANCE = 0.05;
const NOTABLE_CHANGE = 0.1;

/**
 * Cuts a series into its segments and classifies their trends (analysis spec §6).
 *
 * @param cuts the observations at which a new segment begins, in any order; equal ones collapse, and those at or
 *   outside the ends of the series cut nothing
 */
export function segmentsOf(series: MetricSeries, cuts: readonly number[]): Segment[] {
  const length = series.days.length;
  const starts = [...new Set([0, ...cuts.filter((cut) => cut > 0 && cut < length)])].sort((a, b) => a - b);
  return starts.map((start, i) => describe(series, start, starts[i + 1] ?? length));
}

function describe(series: MetricSeries, start: number, end: number): Segment {
  const { days, values } = series;
  const n = end - start;
  const [first, last] = [days[start] ?? 0, days[end - 1] ?? 0];
  const place = { start, end, from: formatDay(first), to: formatDay(last), n };
  if (n < TREND_MINIMUM) {
    const mean = meanOf(values, start, end);
    return { ...place, trend: 'undetermined', slope: null, mean, relativeChange: null, pValue: null };
  }
  const { slope, mean, pValue } = fitLine(days, values, start, end);
  const relativeChange = mean === 0 ? null : (slope * (last - first)) / mean;
  const trend = trendOf(series.metric, slope, relativeChange, pValue);
  return { ...place, trend, slope, mean, relativeChange, pValue };
}

function trendOf(
  metric: MetricSeries['metric'],
  slope: number,
  relativeChange: number | null,
  pValue: number,
): Trend {
  const notable = relativeChange !== null && compareFigures(Math.abs(relativeChange), NOTABLE_CHANGE) >= 0;
  if (!notable || compareFigures(pValue, SIGNIFICANCE) >= 0) return 'stable';
  return slope > 0 === (metric === 'ctr') ? 'improving' : 'declining';
}
