import type { AnalysisParameters } from '../parameters.ts';
import type { ExcludedMetric, ExclusionReason } from '../report/document.ts';
import type { MetricSeries } from './series.ts';

/**
 * Why a series is not analysed, with the figures behind it, or null when it is (analysis spec §3). `gap` is the
 * largest difference between consecutive days, `density` the observed share of the days between the first and the
 * last; each is null where it is undefined.
 */
export function exclusionOf(
  series: MetricSeries,
  parameters: AnalysisParameters,
): ExcludedMetric['excluded'] | null {
  const { days } = series;
  const n = days.length;
  const gap = n < 2 ? null : longestGap(days);
  const density = n === 0 ? null : n / ((days[n - 1] ?? 0) - (days[0] ?? 0) + 1);
  const reason = firstReason(n, gap, density, parameters);
  return reason === null ? null : { reason, n, gap, density };
}

function firstReason(
  n: number,
  gap: number | null,
  density: number | null,
  limits: AnalysisParameters,
): ExclusionReason | null {
  if (n === 0) return 'no_data';
  if (n < limits.minDays) return 'too_few_days';
  if (gap !== null && gap > limits.maxGapDays) return 'gap_too_long';
  if (density !== null && density < limits.minDensity) return 'too_sparse';
  return null;
}

function longestGap(days: Int32Array): number {
  let longest = 0;
  let previous = days[0] ?? 0;
  for (const day of days) {
    if (day - previous > longest) longest = day - previous;
    previous = day;
  }
  return longest;
}
