import { Duration } from 'aws-cdk-lib';
import { GraphWidget, type IWidget, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { REQUEST_METRICS } from '../../../lambdas/contracts/metric-names.ts';
import type { ApiStack } from '../api.ts';

const PERIOD = Duration.minutes(5);

/** What the API is asked, how fast it answers, and what it refuses or fails. */
export function apiWidgets({ api }: ApiStack, namespace: string): IWidget[] {
  const latency = (statistic: string, label: string) =>
    new Metric({ namespace, metricName: REQUEST_METRICS.latency, statistic, label, period: PERIOD });
  const sum = { period: PERIOD, statistic: Stats.SUM };
  return [
    new GraphWidget({
      title: 'API: requests',
      width: 8,
      left: [api.metricCount({ ...sum, label: 'requests' })],
      leftYAxis: { min: 0 },
    }),
    new GraphWidget({
      title: 'API: answered within',
      width: 8,
      left: [latency(Stats.percentile(50), 'half within'), latency(Stats.percentile(95), '95 % within')],
      leftYAxis: { min: 0, label: 'milliseconds', showUnits: false },
    }),
    new GraphWidget({
      title: 'API: refused and failed',
      width: 8,
      left: [
        api.metricClientError({ ...sum, label: '4xx' }),
        api.metricServerError({ ...sum, label: '5xx' }),
      ],
      leftYAxis: { min: 0 },
    }),
  ];
}
