import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { QueueName } from '../contracts/messages.ts';
import type { DeadLetter, DeadLetters } from '../ports/dead-letters.ts';
import { traceAttributes } from './trace-header.ts';

const BATCH_SIZE = 10;
/** Longer than it takes to go through all that are there, so that none is taken twice. */
const HIDDEN_SECONDS = 900;
/** Asking a little longer asks all of SQS's servers, and so finds what there is. */
const WAIT_SECONDS = 1;

interface Urls {
  readonly queue: string;
  readonly deadLetters: string;
}

/** The dead-letter queues of the work queues. */
export function createSqsDeadLetters(
  client: SQSClient,
  urls: Readonly<Record<QueueName, Urls>>,
): DeadLetters {
  return {
    async *take(queue, limit) {
      const { queue: source, deadLetters } = urls[queue];
      for (let taken = 0; taken < limit; ) {
        const { Messages = [] } = await client.send(
          new ReceiveMessageCommand({
            QueueUrl: deadLetters,
            MaxNumberOfMessages: Math.min(BATCH_SIZE, limit - taken),
            VisibilityTimeout: HIDDEN_SECONDS,
            WaitTimeSeconds: WAIT_SECONDS,
            MessageSystemAttributeNames: ['MessageGroupId'],
          }),
        );
        if (Messages.length === 0) return;
        taken += Messages.length;
        for (const { Body = '', ReceiptHandle, Attributes } of Messages) {
          const group = Attributes?.MessageGroupId;
          yield letter(client, { source, deadLetters, Body, ReceiptHandle, group });
        }
      }
    },
  };
}

interface Received {
  readonly source: string;
  readonly deadLetters: string;
  readonly Body: string;
  readonly ReceiptHandle: string | undefined;
  readonly group: string | undefined;
}

function letter(
  client: SQSClient,
  { source, deadLetters, Body, ReceiptHandle, group }: Received,
): DeadLetter {
  const remove = async (): Promise<void> => {
    await client.send(new DeleteMessageCommand({ QueueUrl: deadLetters, ReceiptHandle }));
  };
  return {
    body: Body,
    remove,
    async giveBack() {
      const grouped = group === undefined ? {} : { MessageGroupId: group };
      // Sent before it is removed: a crash in between leaves two of them, never none.
      await client.send(
        new SendMessageCommand({ QueueUrl: source, MessageBody: Body, ...grouped, ...traceAttributes() }),
      );
      await remove();
    },
  };
}
