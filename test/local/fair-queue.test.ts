import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MessageBroker } from '../../local/sqs/broker.ts';
import { Fairness } from '../../local/sqs/fair-queue.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const MINUTE_MS = 60_000;

/** Messages that wait, by their groups; one without a group is a dash. */
const waiting = (groups: string) =>
  [...groups].map((group) => (group === '-' ? {} : { messageGroupId: group }));

/** The order in which they are delivered next, as far as it was settled. */
function next(fairness: Fairness, groups: string, count: number, now = 0): string {
  const messages = waiting(groups);
  fairness.bringForward(messages, count, now);
  expect(messages).toHaveLength(groups.length);
  return messages
    .slice(0, count)
    .map(({ messageGroupId = '-' }) => messageGroupId)
    .join('');
}

/** So many messages of a group in flight since a time. */
function inFlight(fairness: Fairness, group: string, count: number, since = 0): void {
  for (let i = 0; i < count; i++) fairness.received(`${group} ${since} ${i}`, group, since);
}

describe('a fair queue', () => {
  it('delivers in the order of arrival while nobody is noisy', () => {
    const fairness = new Fairness();
    expect(next(fairness, 'aabab-', 6)).toBe('aabab-');
    // A share says nothing of so few, as long as they take no time.
    inFlight(fairness, 'a', 29);
    expect(next(fairness, 'aabab-', 6)).toBe('aabab-');
  });

  it('puts off the tenant that has thirty in flight, and more than a tenth of all', () => {
    const fairness = new Fairness();
    inFlight(fairness, 'a', 30);
    expect(next(fairness, 'aab-a', 5)).toBe('b-aaa');
    for (let i = 0; i < 270; i++) fairness.received(`other ${i}`, undefined, 0);
    expect(next(fairness, 'aab-a', 5)).toBe('aab-a');
  });

  it('puts off the tenant whose messages took more than a tenth of the time', () => {
    const fairness = new Fairness();
    fairness.received('slow', 'a', 0);
    for (let i = 0; i < 8; i++) fairness.received(`quick ${i}`, `q${i}`, 0);
    fairness.settle((handle) => handle === 'slow', 100);
    // 100 of 900 ms, and as much for each of the others: all of them are noisy, this one alone still has something in flight.
    expect(next(fairness, 'ab', 2, 100)).toBe('ba');
    fairness.settle(() => false, 100);
    // Twenty more that take as long leave it less than a tenth.
    for (let i = 0; i < 20; i++) fairness.received(`more ${i}`, `m${i}`, 100);
    fairness.settle(() => false, 200);
    expect(next(fairness, 'ab', 2, 200)).toBe('ab');
  });

  it('takes of several noisy tenants that which has the least in flight', () => {
    const fairness = new Fairness();
    inFlight(fairness, 'a', 40);
    inFlight(fairness, 'b', 38);
    expect(next(fairness, 'aaabbb', 5)).toBe('bbaba');
  });

  it('forgets what was long ago', () => {
    const fairness = new Fairness();
    fairness.received('long', 'a', 0);
    fairness.settle(() => false, MINUTE_MS);
    expect(next(fairness, 'ab', 2, MINUTE_MS)).toBe('ba');
    fairness.settle(() => false, 6 * MINUTE_MS);
    expect(next(fairness, 'ab', 2, 6 * MINUTE_MS)).toBe('ab');
  });
});

describe('a queue of the broker', () => {
  const directory = temporaryDirectory();
  afterAll(() => directory.remove());
  const QueueUrl = 'http://127.0.0.1:1/000000000000/shared';
  const received = z.array(
    z.object({
      Body: z.string(),
      ReceiptHandle: z.string(),
      Attributes: z.record(z.string(), z.string()),
      MessageAttributes: z.unknown().optional(),
    }),
  );

  it('knows the groups of messages, also after a start, and tells them', async () => {
    const first = await MessageBroker.open(directory.path);
    await first.sqs('CreateQueue', { QueueName: 'shared' });
    const entry = (name: string, MessageGroupId: string) => ({ Id: name, MessageBody: name, MessageGroupId });
    await first.sqs('SendMessage', { QueueUrl, MessageBody: 'loud 1', MessageGroupId: 'loud' });
    await first.sqs('SendMessageBatch', {
      QueueUrl,
      Entries: [
        entry('l2', 'loud'),
        entry('l3', 'loud'),
        { ...entry('q1', 'quiet'), MessageAttributes: { own: { DataType: 'String', StringValue: 'kept' } } },
      ],
    });
    await first.close();

    const second = await MessageBroker.open(directory.path);
    const receive = async (count: number) =>
      received.parse(
        (
          await second.sqs('ReceiveMessage', {
            QueueUrl,
            MaxNumberOfMessages: count,
            MessageSystemAttributeNames: ['All'],
            MessageAttributeNames: ['All'],
          })
        )['Messages'],
      );
    const [loud] = await receive(1);
    expect(loud).toMatchObject({ Body: 'loud 1', Attributes: { MessageGroupId: 'loud' } });
    expect(loud).not.toHaveProperty('MessageAttributes');
    // It alone took all the time there was.
    await new Promise((resolve) => setTimeout(resolve, 5));
    await second.sqs('DeleteMessage', { QueueUrl, ReceiptHandle: loud!.ReceiptHandle });
    const rest = await receive(10);
    expect(rest.map(({ Body }) => Body)).toEqual(['q1', 'l2', 'l3']);
    expect(rest[0]?.MessageAttributes).toEqual({ own: expect.objectContaining({ StringValue: 'kept' }) });
    await second.close();
  });
});
