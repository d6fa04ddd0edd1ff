import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createDynamoWebhooks } from '../adapters/dynamodb-webhooks.ts';
import { createEmfMetrics } from '../adapters/emf-metrics.ts';
import { createHttpsWebhookSender } from '../adapters/https-webhook-sender.ts';
import { createSqsDeliveryQueue } from '../adapters/sqs-delivery-queue.ts';
import { systemClock } from '../adapters/system-clock.ts';
import { deliveryEnvironmentSchema } from '../contracts/environment.ts';
import { type DeliveryServices, deliveryHandler } from './runtime/delivery-handler.ts';
import { writeLine } from './runtime/log.ts';
import { readEnvironment } from './runtime/services.ts';

let services: DeliveryServices | undefined;

/** Takes the queue of webhook deliveries: makes the attempts that are due, and waits on with the others. */
export const handler = deliveryHandler(() => {
  services ??= createServices();
  return services;
});

function createServices(): DeliveryServices {
  const { JOBS_TABLE, DELIVERY_QUEUE_URL, METRICS_NAMESPACE } = readEnvironment(deliveryEnvironmentSchema);
  const clock = systemClock;
  const metrics = createEmfMetrics(METRICS_NAMESPACE, clock, writeLine);
  return {
    context: {
      webhooks: createDynamoWebhooks(new DynamoDBClient(), JOBS_TABLE, clock),
      deliveries: createSqsDeliveryQueue(new SQSClient(), DELIVERY_QUEUE_URL),
      sender: createHttpsWebhookSender({ clock }),
      clock,
      metrics,
    },
    flushMetrics: metrics.flush,
  };
}
