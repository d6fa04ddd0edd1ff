import { setTimeout as pause } from 'node:timers/promises';
import {
  type BatchResultErrorEntry,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { QUEUE_OF, type QueueName, type WorkMessage } from '../contracts/messages.ts';
import type { WorkQueue } from '../ports/work-queue.ts';
import { traceAttributes } from './trace-header.ts';

/** Most messages that SQS takes at once. */
const BATCH_SIZE = 10;
/** Batches on their way at a time. */
const BATCHES_AT_ONCE = 8;
const TRIES = 4;
const FIRST_PAUSE_MS = 100;

/** The work queues; `urls` are those of them that messages are sent to. */
export function createSqsWorkQueue(
  client: SQSClient,
  urls: Readonly<Partial<Record<QueueName, string>>>,
): WorkQueue {
  async function sendBatch({ queue, entries }: Batch): Promise<void> {
    if (urls[queue] === undefined) throw new Error(`Nothing is sent to the ${queue} queue from here.`);
    let rest = entries;
    for (let tries = 1; ; tries++) {
      const { Failed = [] } = await client.send(
        new SendMessageBatchCommand({ QueueUrl: urls[queue], Entries: rest }),
      );
      if (Failed.length === 0) return;
      // A message that is refused for what it is would be refused again.
      if (tries === TRIES || Failed.some(({ SenderFault }) => SenderFault)) throw refused(queue, Failed);
      rest = rest.filter(({ Id }) => Failed.some((failed) => failed.Id === Id));
      await pause(FIRST_PAUSE_MS * 2 ** (tries - 1));
    }
  }

  return {
    async send(messages, delaySeconds = 0) {
      const batches = batchesOf(messages, delaySeconds);
      for (let at = 0; at < batches.length; at += BATCHES_AT_ONCE) {
        await Promise.all(batches.slice(at, at + BATCHES_AT_ONCE).map(sendBatch));
      }
    },
  };
}

interface Batch {
  readonly queue: QueueName;
  readonly entries: SendMessageBatchRequestEntry[];
}

function batchesOf(messages: readonly WorkMessage[], delaySeconds: number): Batch[] {
  const batches: Batch[] = [];
  for (const [queue, own] of Map.groupBy(messages, ({ type }) => QUEUE_OF[type])) {
    for (let at = 0; at < own.length; at += BATCH_SIZE) {
      const entries = own.slice(at, at + BATCH_SIZE).map((message, index) => ({
        Id: String(index),
        MessageBody: JSON.stringify(message),
        // On a standard queue the group orders nothing; it makes the queue fair between tenants.
        MessageGroupId: message.tenant,
        ...traceAttributes(),
        ...(delaySeconds > 0 && { DelaySeconds: delaySeconds }),
      }));
      batches.push({ queue, entries });
    }
  }
  return batches;
}

function refused(queue: QueueName, failed: readonly BatchResultErrorEntry[]): Error {
  const reasons = [...new Set(failed.map(({ Code, Message }) => `${Code}: ${Message}`))].join('; ');
  return new Error(`The ${queue} queue did not take ${failed.length} messages (${reasons}).`);
}
