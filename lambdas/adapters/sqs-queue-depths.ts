import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { QueueDepth, QueueDepths } from '../ports/queue-depths.ts';

const count = z.coerce.number().int().min(0);
const attributesSchema = z.object({
  ApproximateNumberOfMessages: count,
  ApproximateNumberOfMessagesNotVisible: count,
});

/** Depths of queues, as near as SQS tells them. `urls` are those of the queues, by the names they are known by. */
export function createSqsQueueDepths(client: SQSClient, urls: Readonly<Record<string, string>>): QueueDepths {
  async function depth(QueueUrl: string): Promise<QueueDepth> {
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({
        QueueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    const attributes = attributesSchema.parse(Attributes);
    return {
      visible: attributes.ApproximateNumberOfMessages,
      hidden: attributes.ApproximateNumberOfMessagesNotVisible,
    };
  }

  return {
    async read() {
      const depths = Object.entries(urls).map(async ([name, url]) => [name, await depth(url)] as const);
      return Object.fromEntries(await Promise.all(depths));
    },
  };
}
