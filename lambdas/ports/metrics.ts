import type { MetricName } from '../contracts/metric-names.ts';

export interface Metrics {
  count(name: MetricName, value?: number): void;
  /** A duration, of which percentiles are wanted. */
  seconds(name: MetricName, value: number): void;
}

/** Metrics of how much there is of something, beside those of how much happened. */
export interface Gauges {
  /** The last value of a name counts. */
  gauge(name: MetricName, value: number): void;
}
