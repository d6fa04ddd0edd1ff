import type { MetricName } from '../contracts/metric-names.ts';

export interface Metrics {
  count(name: MetricName, value?: number): void;
  /** A duration, of which percentiles are wanted. */
  seconds(name: MetricName, value: number): void;
}
