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

/**
 * The ctr or cpc series of an item; null for cpc when the dataset has no spend. A metric that is defined on every day
 * shares the columns of the item, which nothing changes.
 */
export function metricSeries(item: ItemDays, metric: 'ctr'): MetricSeries;
export function metricSeries(item: ItemDays, metric: Metric): MetricSeries | null;
export function metricSeries(item: ItemDays, metric: Metric): MetricSeries | null {
  const allExposure = metric === 'ctr' ? item.impressions : item.spendMicros;
  if (allExposure === null) return null;
  const { days, clicks, exposure } = definedDays(
    item,
    metric === 'ctr' ? item.impressions : item.clicks,
    allExposure,
  );
  const values = new Float64Array(days.length);
  for (let i = 0; i < days.length; i++) {
    values[i] = ratio(metric, { clicks: clicks[i] ?? 0, exposure: exposure[i] ?? 0 });
  }
  return { metric, days, values, clicks, exposure };
}

/** The columns of an item on the days whose denominator is not 0. */
function definedDays({ days, clicks }: ItemDays, denominator: Float64Array, exposure: Float64Array) {
  let length = 0;
  for (let i = 0; i < days.length; i++) if ((denominator[i] ?? 0) > 0) length++;
  if (length === days.length) return { days, clicks, exposure };
  const defined = {
    days: new Int32Array(length),
    clicks: new Float64Array(length),
    exposure: new Float64Array(length),
  };
  let at = 0;
  for (let i = 0; i < days.length; i++) {
    if ((denominator[i] ?? 0) <= 0) continue;
    defined.days[at] = days[i] ?? 0;
    defined.clicks[at] = clicks[i] ?? 0;
    defined.exposure[at] = exposure[i] ?? 0;
    at++;
  }
  return defined;
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
