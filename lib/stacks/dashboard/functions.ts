import { Duration } from 'aws-cdk-lib';
import { GraphWidget, type IWidget, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ServiceFunction } from '../../constructs/service-function.ts';

const PERIOD = Duration.minutes(5);

/** How the functions do: what they are asked, how long they take, how many run, and how many die. */
export function functionWidgets(all: readonly ServiceFunction[]): IWidget[] {
  const each = all.map((service) => ({ service, label: service.node.id }));
  return [
    new GraphWidget({
      title: 'Functions: 95 % of invocations within',
      width: 8,
      left: each.map(({ service, label }) =>
        service.function.metricDuration({ period: PERIOD, statistic: Stats.percentile(95), label }),
      ),
      leftYAxis: { min: 0 },
    }),
    new GraphWidget({
      title: 'Functions: running at once',
      width: 8,
      left: each.map(({ service, label }) =>
        service.function.metric('ConcurrentExecutions', { period: PERIOD, statistic: Stats.MAXIMUM, label }),
      ),
      leftYAxis: { min: 0 },
    }),
    new GraphWidget({
      title: 'Functions: errors and throttles',
      width: 8,
      left: each.flatMap(({ service, label }) => [
        service.function.metricErrors({ period: PERIOD, label: `${label} errors` }),
        service.function.metricThrottles({ period: PERIOD, label: `${label} throttles` }),
      ]),
      leftYAxis: { min: 0 },
    }),
  ];
}
