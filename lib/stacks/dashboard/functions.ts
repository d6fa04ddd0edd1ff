import { type IMetric, type IWidget, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS } from '../../../lambdas/contracts/metric-names.ts';
import type { Stage } from '../../config/stage.ts';
import type { ServiceFunction } from '../../constructs/service-function.ts';
import { MEMORY_PERCENT } from '../system-alarms.ts';
import { graph, MINUTE, own, PERIOD } from './graph.ts';

/** How the functions do: how long they take, how many run of how many may, and how many die. */
export function functionWidgets(all: readonly ServiceFunction[], { alarms, deployment }: Stage): IWidget[][] {
  const each = (line: (service: ServiceFunction, label: string) => IMetric) =>
    all.map((service) => line(service, service.node.id));
  return [
    [
      graph({
        title: 'Functions: 95 % of invocations within',
        left: each(({ function: handler }, label) =>
          handler.metricDuration({ period: PERIOD, statistic: Stats.percentile(95), label }),
        ),
        unit: 'milliseconds',
      }),
      graph({
        title: 'Functions: errors',
        left: each(({ function: handler }, label) => handler.metricErrors({ period: PERIOD, label })),
      }),
      graph({
        title: 'Functions: throttles',
        left: each(({ function: handler }, label) => handler.metricThrottles({ period: PERIOD, label })),
      }),
    ],
    [
      graph({
        title: 'Functions: running at once',
        left: each(({ function: handler }, label) =>
          handler.metric('ConcurrentExecutions', { period: MINUTE, statistic: Stats.MAXIMUM, label }),
        ),
      }),
      graph({
        title: 'Functions: memory used at most, of what each has',
        left: [own(deployment, METRICS.memoryUsed, Stats.MAXIMUM, 'used')],
        leftAnnotations: [{ value: MEMORY_PERCENT, label: 'rings' }],
        unit: '%',
      }),
      graph({
        title: 'Account: concurrency',
        left: [
          new Metric({
            namespace: 'AWS/Lambda',
            metricName: 'ClaimedAccountConcurrency',
            statistic: Stats.MAXIMUM,
            period: MINUTE,
            label: 'claimed',
          }),
        ],
        leftAnnotations: [{ value: alarms.accountConcurrency, label: 'quota' }],
      }),
    ],
  ];
}
