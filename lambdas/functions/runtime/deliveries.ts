import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createDynamoWebhooks } from '../../adapters/dynamodb-webhooks.ts';
import { createEmfMetrics } from '../../adapters/emf-metrics.ts';
import { createHttpsWebhookSender, type SenderOptions } from '../../adapters/https-webhook-sender.ts';
import { createSqsDeliveryQueue } from '../../adapters/sqs-delivery-queue.ts';
import { systemClock } from '../../adapters/system-clock.ts';
import { deliveryEnvironmentSchema } from '../../contracts/environment.ts';
import type { DeliveryServices } from './delivery-handler.ts';
import { writeLine } from './log.ts';
import { readEnvironment } from './services.ts';

/**
 * What the function works with that delivers to webhooks.
 *
 * @param sending where it may send to, if not to the public Internet
 * @throws Error naming missing variables
 */
export function createDeliveries(sending: Omit<SenderOptions, 'clock'> = {}): DeliveryServices {
  const { JOBS_TABLE, DELIVERY_QUEUE_URL, METRICS_NAMESPACE } = readEnvironment(deliveryEnvironmentSchema);
  const clock = systemClock;
  const metrics = createEmfMetrics(METRICS_NAMESPACE, clock, writeLine);
  return {
    context: {
      webhooks: createDynamoWebhooks(new DynamoDBClient(), JOBS_TABLE, clock),
      deliveries: createSqsDeliveryQueue(new SQSClient(), DELIVERY_QUEUE_URL),
      sender: createHttpsWebhookSender({ clock, ...sending }),
      clock,
      metrics,
    },
    flushMetrics: metrics.flush,
  };
}
