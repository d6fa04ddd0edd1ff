import type { MetricName } from '../contracts/metric-names.ts';
import type { Clock } from '../ports/clock.ts';
import type { Gauges, Metrics } from '../ports/metrics.ts';

type Unit = 'Count' | 'Seconds' | 'None';

/** Most values that CloudWatch reads of one metric in one line. */
const MAX_VALUES = 100;

/** Metrics that are kept until they are flushed. */
export interface BufferedMetrics extends Metrics, Gauges {
  /** Writes what was measured since the last time: one line, or none. */
  flush(): void;
}

/**
 * Metrics as lines of the log, in CloudWatch's embedded metric format: CloudWatch takes them out of the log by itself,
 * without a call that could fail or be waited for.
 *
 * @param write takes one line of JSON
 */
export function createEmfMetrics(
  namespace: string,
  clock: Clock,
  write: (line: string) => void,
): BufferedMetrics {
  let counts = new Map<MetricName, number>();
  let durations = new Map<MetricName, number[]>();
  let gauges = new Map<MetricName, number>();

  function flush(): void {
    if (counts.size + durations.size + gauges.size === 0) return;
    const measured: [MetricName, Unit, number | number[]][] = [
      ...[...counts].map(([name, sum]): [MetricName, Unit, number] => [name, 'Count', sum]),
      ...[...durations].map(([name, values]): [MetricName, Unit, number[]] => [name, 'Seconds', values]),
      ...[...gauges].map(([name, value]): [MetricName, Unit, number] => [name, 'None', value]),
    ];
    counts = new Map();
    durations = new Map();
    gauges = new Map();
    write(emfLine(namespace, clock.now(), measured));
  }

  return {
    count(name, value = 1) {
      counts.set(name, (counts.get(name) ?? 0) + value);
    },
    seconds(name, value) {
      const values = durations.get(name) ?? [];
      durations.set(name, values);
      values.push(value);
      if (values.length === MAX_VALUES) flush();
    },
    gauge(name, value) {
      gauges.set(name, value);
    },
    flush,
  };
}

function emfLine(
  namespace: string,
  timestamp: number,
  measured: readonly [MetricName, Unit, number | number[]][],
): string {
  const Metrics = measured.map(([Name, Unit]) => ({ Name, Unit }));
  return JSON.stringify({
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: [{ Namespace: namespace, Dimensions: [[]], Metrics }],
    },
    ...Object.fromEntries(measured.map(([name, , value]) => [name, value])),
  });
}
