import { GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { afterAll, expect, it } from 'vitest';
import { createSqsDeliveryQueue } from '../../lambdas/adapters/sqs-delivery-queue.ts';
import { deliverMessageSchema } from '../../lambdas/contracts/webhook.ts';
import { idOf } from '../../lambdas/domain/job/job-id.ts';
import { MAX_DELAY_SECONDS } from '../../lambdas/ports/delivery-queue.ts';
import { CREDENTIALS } from '../adapters/jobs-table.ts';

const server = await startFauxqs({ port: 0, logger: false });
afterAll(() => server.stop());
const client = new SQSClient({ endpoint: server.address, region: 'us-east-1', credentials: CREDENTIALS });
const QueueUrl = server.createQueue('deliveries').queueUrl;
const message = { tenant: 'acme', webhookId: idOf('wh', 1, 'a'), deliveryId: idOf('whd', 1, 'b') };

it('sends a delivery in the group of its tenant, at once or after a while', async () => {
  const sent: unknown[] = [];
  client.middlewareStack.add((next) => (args) => {
    sent.push(args.input);
    return next(args);
  });
  const queue = createSqsDeliveryQueue(client, QueueUrl);
  await queue.send(message, MAX_DELAY_SECONDS);
  await queue.send(message, 0);
  const { Attributes: waiting } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
  );
  expect(waiting?.ApproximateNumberOfMessagesDelayed).toBe('1');
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
  );
  expect(Messages.map(({ Body }) => deliverMessageSchema.parse(JSON.parse(Body ?? '')))).toEqual([message]);
  // The imitation keeps no groups of standard queues; what is asked of SQS shows.
  expect(sent.slice(0, 2)).toMatchObject([{ MessageGroupId: 'acme' }, { MessageGroupId: 'acme' }]);
});
