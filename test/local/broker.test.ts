import { afterAll, expect, it } from 'vitest';
import { z } from 'zod';
import { MessageBroker } from '../../local/sqs/broker.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const directory = temporaryDirectory();
const other = temporaryDirectory();
afterAll(() => {
  directory.remove();
  other.remove();
});

it('ends a receive call when it closes, however shortly before that came', async () => {
  const broker = await MessageBroker.open(directory.path);
  await broker.sqs('CreateQueue', { QueueName: 'quiet' });
  const QueueUrl = 'http://127.0.0.1:1/000000000000/quiet';
  const receive = () => broker.sqs('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 });
  const early = receive();
  await broker.sqs('GetQueueAttributes', { QueueUrl });
  const late = receive();
  const startedAt = performance.now();
  await broker.close();
  await Promise.allSettled([early, late]);
  expect(performance.now() - startedAt).toBeLessThan(5000);
});

it('hands the trace of a message on, of one and of many, and no attribute that was not sent', async () => {
  const broker = await MessageBroker.open(other.path);
  await broker.sqs('CreateQueue', { QueueName: 'traced' });
  const QueueUrl = 'http://127.0.0.1:1/000000000000/traced';
  const traced = (trace: string) => ({
    MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: trace } },
  });
  const MessageAttributes = { own: { DataType: 'String', StringValue: 'kept' } };
  await broker.sqs('SendMessage', { QueueUrl, MessageBody: 'one', ...traced('Root=one'), MessageAttributes });
  const Entries = [
    { Id: '0', MessageBody: 'two', ...traced('Root=two') },
    { Id: '1', MessageBody: 'three' },
  ];
  await broker.sqs('SendMessageBatch', { QueueUrl, Entries });
  const names = { MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All'] };
  const { Messages } = await broker.sqs('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10, ...names });
  await broker.close();
  const found = z
    .array(
      z.looseObject({
        Body: z.string(),
        Attributes: z.record(z.string(), z.string()),
        MessageAttributes: z.json().optional(),
      }),
    )
    .parse(Messages)
    .map(({ Body, Attributes, MessageAttributes: own }) => [Body, Attributes['AWSTraceHeader'], own]);
  expect(found.toSorted()).toEqual([
    ['one', 'Root=one', { own: expect.objectContaining({ StringValue: 'kept' }) }],
    ['three', undefined, undefined],
    ['two', 'Root=two', undefined],
  ]);
});
