import type { ItemDays } from '../totals/item-days.ts';

export type Metric = 'ctr' | 'cpc';

/**
 * The days of an item on which a metric is defined, in day order (analysis spec §2), with the counts behind each
 * value: `values[i]` is `clicks / exposure` for ctr (exposure = impressions), and `exposure / (clicks · 10⁶)` for cpc
 * (exposure = spend in micro-units).
 */
export interface MetricSeries {
  readonly metric: Metric;
  /** Days since 1970-01-01, strictly increasing; length T. */
  readonly days: Int32Array;
  readonly values: Float64Array;
  readonly clicks: Float64Array;
  readonly exposure: Float64Array;
}

/** The ctr or cpc series of an item; null for cpc when the dataset has no spend. */
export function metricSeries(item: ItemDays, metric: 'ctr'): MetricSeries;
export function metricSeries(item: ItemDays, metric: Metric): MetricSeries | null;
export function metricSeries(item: ItemDays, metric: Metric): MetricSeries | null {
  const spend = item.spendMicros;
  if (metric === 'cpc' && spend === null) return null;
  const denominator = metric === 'ctr' ? item.impressions : item.clicks;
  let length = 0;
  for (const value of denominator) if (value > 0) length++;

  const days = new Int32Array(length);
  const values = new Float64Array(length);
  const clicks = new Float64Array(length);
  const exposure = new Float64Array(length);
  let at = 0;
  for (let i = 0; i < item.days.length; i++) {
    const below = denominator[i] ?? 0;
    if (below <= 0) continue;
    const dayClicks = item.clicks[i] ?? 0;
    const dayExposure = (metric === 'ctr' ? item.impressions[i] : spend?.[i]) ?? 0;
    days[at] = item.days[i] ?? 0;
    clicks[at] = dayClicks;
    exposure[at] = dayExposure;
    values[at] = metric === 'ctr' ? dayClicks / dayExposure : dayExposure / (dayClicks * 1e6);
    at++;
  }
  return { metric, days, values, clicks, exposure };
}

/** The exact sums behind a stretch of a series, below 2^53 as the totals of its item are. */
export interface Sums {
  readonly clicks: number;
  readonly exposure: number;
}

/** Sums over the observations from `start` to before `end`. */
export function sumsOf(series: MetricSeries, start: number, end: number): Sums {
  let clicks = 0;
  let exposure = 0;
  for (let i = start; i < end; i++) {
    clicks += series.clicks[i] ?? 0;
    exposure += series.exposure[i] ?? 0;
  }
  return { clicks, exposure };
}

/** The metric of some sums: clicks per impression, or currency units per click. */
export function ratio(metric: Metric, { clicks, exposure }: Sums): number {
  return metric === 'ctr' ? clicks / exposure : exposure / (clicks * 1e6);
}
