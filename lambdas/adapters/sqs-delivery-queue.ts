import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { DeliveryQueue } from '../ports/delivery-queue.ts';
import { traceAttributes } from './trace-header.ts';

/** The queue of webhook deliveries, fair between tenants. */
export function createSqsDeliveryQueue(client: SQSClient, queueUrl: string): DeliveryQueue {
  return {
    async send(message, delaySeconds) {
      await client.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: JSON.stringify(message),
          MessageGroupId: message.tenant,
          ...traceAttributes(),
          DelaySeconds: delaySeconds,
        }),
      );
    },
  };
}
