import { type IWidget, MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS, type MetricName } from '../../../lambdas/contracts/metric-names.ts';
import { JOB_OBJECTIVE, STANDARD_JOB } from '../../../lambdas/contracts/objectives.ts';
import { graph, own, PERIOD } from './graph.ts';

/** What becomes of jobs, how long they take, what goes wrong on the way, and how much is read. */
export function jobWidgets(namespace: string): IWidget[][] {
  const count = (name: MetricName, label: string) => own(namespace, name, Stats.SUM, label);
  const duration = (p: number) => own(namespace, METRICS.jobSeconds, Stats.percentile(p), `p${p}`);
  const standard = own(
    namespace,
    METRICS.standardJobSeconds,
    Stats.percentile(95),
    'p95 of the work on usual sizes',
  );
  const rate = (name: MetricName, label: string) =>
    new MathExpression({
      expression: 'total / PERIOD(total)',
      usingMetrics: { total: own(namespace, name, Stats.SUM, label) },
      label,
      period: PERIOD,
    });
  return [
    [
      graph({
        title: 'Jobs ended',
        left: [
          count(METRICS.jobsSucceeded, 'succeeded'),
          count(METRICS.jobsFailed, 'failed'),
          count(METRICS.jobsCancelled, 'cancelled'),
          count(METRICS.jobsExpired, 'expired'),
          count(METRICS.jobsOffObjective, 'late, or failed through us'),
        ],
      }),
      graph({
        title: 'From creation to report, waiting for the upload included',
        left: [duration(50), duration(95), duration(99), standard],
        leftAnnotations: [
          { value: JOB_OBJECTIVE.seconds, label: 'objective' },
          { value: STANDARD_JOB.seconds, label: 'for usual sizes' },
        ],
        unit: 'seconds',
      }),
      graph({
        title: 'Tried again',
        left: [
          count(METRICS.attemptsFailed, 'attempts failed'),
          count(METRICS.tasksGivenUp, 'tasks given up'),
          count(METRICS.chunksRescanned, 'chunks scanned again'),
          count(METRICS.jobsResumed, 'jobs resumed'),
          count(METRICS.jobsDelayed, 'jobs over their tenant’s limit'),
          count(METRICS.resultsNotLoaded, 'results not loaded'),
          count(METRICS.uploadsNotJoined, 'uploads not joined'),
        ],
      }),
    ],
    [
      graph({
        title: 'Rows a second',
        left: [rate(METRICS.rowsScanned, 'rows')],
        unit: 'rows a second',
      }),
      graph({
        title: 'Bytes a second',
        left: [rate(METRICS.bytesScanned, 'bytes')],
        unit: 'bytes a second',
      }),
      graph({
        title: 'Tasks done',
        left: [
          count(METRICS.chunksScanned, 'chunks scanned'),
          count(METRICS.shardsAnalysed, 'shards analysed'),
        ],
        right: [count(METRICS.itemsAnalysed, 'creatives analysed')],
      }),
    ],
  ];
}
