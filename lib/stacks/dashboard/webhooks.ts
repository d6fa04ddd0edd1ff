import { type IWidget, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS, type MetricName } from '../../../lambdas/contracts/metric-names.ts';
import type { WebhookDeliveries } from '../webhook-deliveries.ts';
import { graph, own, PERIOD } from './graph.ts';

/** How what webhooks are told gets there, and what waits for another attempt. */
export function webhookWidgets({ workQueue: { queue } }: WebhookDeliveries, namespace: string): IWidget[] {
  const count = (metricName: MetricName, label: string) => own(namespace, metricName, Stats.SUM, label);
  const depth = { period: PERIOD, statistic: Stats.MAXIMUM };
  return [
    graph({
      title: 'Webhooks: deliveries',
      left: [
        count(METRICS.webhooksDelivered, 'delivered'),
        count(METRICS.webhookAttemptsFailed, 'attempts failed'),
        count(METRICS.webhooksDisabled, 'webhooks disabled'),
        count(METRICS.webhookDeliveriesDropped, 'dropped with their webhook'),
        count(METRICS.endsNotAnnounced, 'ends not announced'),
      ],
    }),
    graph({
      title: 'Webhooks: waiting',
      left: [
        queue.metricApproximateNumberOfMessagesVisible({ ...depth, label: 'due' }),
        queue.metricApproximateNumberOfMessagesDelayed({ ...depth, label: 'due later' }),
        queue.metricApproximateAgeOfOldestMessage({ ...depth, label: 'age of the oldest, s' }),
      ],
    }),
  ];
}
