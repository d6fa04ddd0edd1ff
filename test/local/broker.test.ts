import { afterAll, expect, it } from 'vitest';
import { MessageBroker } from '../../local/sqs/broker.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);

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
