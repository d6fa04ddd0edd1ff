import type { Timeline } from '../timeline.ts';
import { Distribution } from './distribution.ts';

export const MINUTE_MS = 60_000;
/** How long single values are kept, for percentiles. */
const VALUES_MS = 3 * 60 * MINUTE_MS;
/** How long sums and extremes are kept: the longest window an alarm may look at. */
export const KEEP_MS = 24 * 60 * MINUTE_MS;

/** What CloudWatch calls a metric: one series of values. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface MetricDatum extends Metric {
  /** One value or several of the same time. */
  readonly value: number | readonly number[];
  /** How often each of several values; once by default. */
  readonly counts?: readonly number[] | undefined;
  /** Milliseconds of the timeline; now by default. */
  readonly timestamp?: number | undefined;
}

export interface MetricStatistics extends Metric {
  readonly statistics: { sum: number; count: number; minimum: number; maximum: number };
  readonly timestamp?: number | undefined;
}

export interface MetricQuery {
  /** `Sum`, `Average`, `Minimum`, `Maximum`, `SampleCount` or a percentile such as `p99.9`. */
  readonly statistic: string;
  /** Seconds: a multiple of 60. */
  readonly period: number;
  /** Milliseconds of the timeline: periods from `start` on, a whole minute, that begin before `end`. */
  readonly start: number;
  readonly end: number;
}

export interface Datapoint {
  /** When its period begins, in milliseconds of the timeline. */
  readonly timestamp: number;
  readonly value: number;
  readonly samples: number;
}

interface Series extends Metric {
  /** By the minute it begins at, in order of arrival. */
  readonly minutes: Map<number, Distribution>;
}

/** Metrics of this deployment in minutes of the timeline, in memory: statistics of a day, percentiles of three hours. */
export class MetricStore {
  readonly #timeline: Timeline;
  readonly #series = new Map<string, Series>();
  #swept = Number.NEGATIVE_INFINITY;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  record({ value, counts, timestamp, ...metric }: MetricDatum): void {
    const distribution = this.#minuteOf(metric, timestamp);
    if (typeof value === 'number') distribution?.add(value);
    else for (const [index, one] of value.entries()) distribution?.add(one, counts?.[index] ?? 1);
  }

  recordStatistics({ statistics, timestamp, ...metric }: MetricStatistics): void {
    this.#minuteOf(metric, timestamp)?.addStatistics(statistics);
  }

  /**
   * Values of a metric, ascending in time; a period without any has none.
   *
   * @throws RangeError for a statistic or period that is not imitated
   */
  query(metric: Metric, { statistic, period, start, end }: MetricQuery): Datapoint[] {
    const of = statisticOf(statistic);
    if (of === undefined) throw new RangeError(`The statistic ${statistic} is not imitated.`);
    const periodMs = period * 1000;
    if (!(period > 0) || periodMs % MINUTE_MS !== 0)
      throw new RangeError(`A period of ${period} s is not imitated; it has to be a multiple of 60 s.`);
    const minutes = this.#series.get(keyOf(metric))?.minutes;
    if (minutes === undefined) return [];
    const found: Datapoint[] = [];
    for (let timestamp = start - (start % MINUTE_MS); timestamp < end; timestamp += periodMs) {
      const whole = merged(minutes, timestamp, periodMs);
      const value = whole === undefined ? undefined : of(whole);
      if (whole !== undefined && value !== undefined) found.push({ timestamp, value, samples: whole.count });
    }
    return found;
  }

  /** Metrics that have values. */
  list(): Metric[] {
    return [...this.#series.values()].map(({ namespace, name, dimensions }) => ({
      namespace,
      name,
      dimensions,
    }));
  }

  /** Undefined for what is too old to be kept. */
  #minuteOf({ namespace, name, dimensions }: Metric, timestamp?: number): Distribution | undefined {
    const now = this.#timeline.now();
    const at = timestamp ?? now;
    if (now - this.#swept >= MINUTE_MS) this.#sweep(now);
    if (at < now - KEEP_MS) return undefined;
    const key = keyOf({ namespace, name, dimensions });
    let series = this.#series.get(key);
    if (series === undefined) {
      series = { namespace, name, dimensions, minutes: new Map() };
      this.#series.set(key, series);
    }
    const minute = at - (at % MINUTE_MS);
    let distribution = series.minutes.get(minute);
    if (distribution === undefined) {
      distribution = new Distribution();
      series.minutes.set(minute, distribution);
    }
    return distribution;
  }

  #sweep(now: number): void {
    this.#swept = now;
    for (const [key, { minutes }] of this.#series) {
      for (const [minute, distribution] of minutes) {
        if (minute < now - KEEP_MS) minutes.delete(minute);
        else if (minute < now - VALUES_MS) distribution.summarise();
      }
      if (minutes.size === 0) this.#series.delete(key);
    }
  }
}

/** How a statistic is read off; undefined for one that is not imitated. */
export function statisticOf(name: string): ((of: Distribution) => number | undefined) | undefined {
  switch (name) {
    case 'Sum':
      return ({ sum }) => sum;
    case 'Average':
      return ({ sum, count }) => sum / count;
    case 'Minimum':
      return ({ minimum }) => minimum;
    case 'Maximum':
      return ({ maximum }) => maximum;
    case 'SampleCount':
      return ({ count }) => count;
    default: {
      const percent = Number(/^p(\d{1,2}(?:\.\d+)?|100)$/.exec(name)?.[1] ?? Number.NaN);
      return Number.isNaN(percent) ? undefined : (of) => of.percentile(percent);
    }
  }
}

function merged(
  minutes: ReadonlyMap<number, Distribution>,
  start: number,
  periodMs: number,
): Distribution | undefined {
  if (periodMs === MINUTE_MS) return minutes.get(start);
  let whole: Distribution | undefined;
  for (let minute = start; minute < start + periodMs; minute += MINUTE_MS) {
    const part = minutes.get(minute);
    if (part === undefined) continue;
    whole ??= new Distribution();
    whole.merge(part);
  }
  return whole;
}

function keyOf({ namespace, name, dimensions }: Metric): string {
  let key = `${namespace}\u0001${name}`;
  for (const dimension of Object.keys(dimensions).sort())
    key += `\u0001${dimension}\u0000${dimensions[dimension]}`;
  return key;
}
