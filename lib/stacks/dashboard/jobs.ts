import { Duration } from 'aws-cdk-lib';
import { GraphWidget, type IMetric, type IWidget, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS, type MetricName } from '../../../lambdas/contracts/metric-names.ts';

const PERIOD = Duration.minutes(5);

/** What becomes of jobs: how they end, how long they take, and what goes wrong on the way. */
export function jobWidgets(namespace: string): IWidget[] {
  const metric = (metricName: MetricName, statistic: string, label: string): IMetric =>
    new Metric({ namespace, metricName, statistic, label, period: PERIOD });
  const count = (name: MetricName, label: string) => metric(name, Stats.SUM, label);
  return [
    new GraphWidget({
      title: 'Jobs ended',
      width: 8,
      left: [
        count(METRICS.jobsSucceeded, 'succeeded'),
        count(METRICS.jobsFailed, 'failed'),
        count(METRICS.jobsCancelled, 'cancelled'),
        count(METRICS.jobsExpired, 'expired'),
      ],
      leftYAxis: { min: 0 },
    }),
    new GraphWidget({
      title: 'From upload to report',
      width: 8,
      left: [
        metric(METRICS.jobSeconds, Stats.percentile(50), 'half within'),
        metric(METRICS.jobSeconds, Stats.percentile(95), '95 % within'),
      ],
      leftYAxis: { min: 0, label: 'seconds', showUnits: false },
      right: [count(METRICS.rowsScanned, 'rows scanned')],
      rightYAxis: { min: 0, label: 'rows', showUnits: false },
    }),
    new GraphWidget({
      title: 'Tried again',
      width: 8,
      left: [
        count(METRICS.attemptsFailed, 'attempts failed'),
        count(METRICS.tasksGivenUp, 'tasks given up'),
        count(METRICS.chunksRescanned, 'chunks scanned again'),
        count(METRICS.jobsResumed, 'jobs resumed'),
        count(METRICS.jobsDelayed, 'jobs over their tenant’s limit'),
      ],
      leftYAxis: { min: 0 },
    }),
  ];
}
