import { Duration } from 'aws-cdk-lib';
import { GraphWidget, type IWidget, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS, type MetricName } from '../../../lambdas/contracts/metric-names.ts';
import type { WebhookDeliveries } from '../webhook-deliveries.ts';

const PERIOD = Duration.minutes(5);

/** How what webhooks are told gets there, and what waits for another attempt. */
export function webhookWidgets({ workQueue: { queue } }: WebhookDeliveries, namespace: string): IWidget[] {
  const count = (metricName: MetricName, label: string) =>
    new Metric({ namespace, metricName, statistic: Stats.SUM, label, period: PERIOD });
  const depth = { period: PERIOD, statistic: Stats.MAXIMUM };
  return [
    new GraphWidget({
      title: 'Webhooks: deliveries',
      width: 8,
      left: [
        count(METRICS.webhooksDelivered, 'delivered'),
        count(METRICS.webhookAttemptsFailed, 'attempts failed'),
        count(METRICS.webhooksDisabled, 'webhooks disabled'),
        count(METRICS.endsNotAnnounced, 'ends not announced'),
      ],
      leftYAxis: { min: 0 },
    }),
    new GraphWidget({
      title: 'Webhooks: waiting',
      width: 8,
      left: [
        queue.metricApproximateNumberOfMessagesVisible({ ...depth, label: 'due' }),
        queue.metricApproximateNumberOfMessagesDelayed({ ...depth, label: 'due later' }),
      ],
      leftYAxis: { min: 0 },
    }),
  ];
}
