import { ChangeMessageVisibilityCommand } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { parseMessage, QUEUE_OF, type QueueMessage, type QueueName } from '../../contracts/messages.ts';
import { type Disposition, handleMessage, jobOf } from '../../pipeline/handle-message.ts';
import { alsoLog, errorFields, log, loggedAs } from './log.ts';
import { observed } from './observed.ts';
import { bodyFields, recordFields, unreadable } from './queue-record.ts';
import { type Services, useServices } from './services.ts';

/** When not even a failure could be recorded, something all depend on is down; the next attempt had better wait. */
const DOWN_DELAY_SECONDS = 30;

/**
 * The handler of a queue's function: every message of a batch on its own, and back to the queue those that are to be
 * tried again, each after its own time.
 *
 * @param queue the queue whose messages it takes; any other message is none of its business
 */
export function queueHandler(queue: QueueName) {
  return observed(async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const services = useServices();
    const handled = Records.map((record) =>
      loggedAs(recordFields(record), () => handleRecord(services, queue, record)),
    );
    const failed = (await Promise.all(handled)).filter((messageId) => messageId !== null);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  });
}

/** @returns the id of the message if it is to come again, null when it is done with */
async function handleRecord(services: Services, queue: QueueName, record: SQSRecord): Promise<string | null> {
  const receiveCount = Number(record.attributes.ApproximateReceiveCount);
  const receipt = { queue, handle: record.receiptHandle };
  const message = readMessage(record.body, queue);
  if (message === null) {
    await hideFor(services, receipt, 0);
    return record.messageId;
  }
  alsoLog({ ...jobOf(message), work: message });
  const started = performance.now();
  const disposition = await handleSafely(services, message, receiveCount);
  alsoLog({ ...disposition.job, seconds: (performance.now() - started) / 1000 });
  if (disposition.action === 'acknowledge') {
    // Of what is refused the code alone: the message may quote the input.
    const code = disposition.outcome === 'failed' ? disposition.code : undefined;
    log('info', `The message is ${disposition.outcome}.`, { code });
    return null;
  }
  const delaySeconds = disposition.action === 'retry' ? disposition.delaySeconds : 0;
  log('error', describe(disposition), errorFields(disposition.error));
  await hideFor(services, receipt, delaySeconds);
  return record.messageId;
}

/** A message that cannot be read will never be; it goes to the dead-letter queue, where a person can look at it. */
function readMessage(body: string, queue: QueueName): QueueMessage | null {
  try {
    const message = parseMessage(body);
    if (queueOf(message) === queue) return message;
    log('error', `The ${queue} queue carries no ${message.type} messages.`, {
      ...jobOf(message),
      work: message,
    });
  } catch (error) {
    log('error', 'The message cannot be read.', { ...bodyFields(body), ...unreadable(error) });
  }
  return null;
}

function queueOf(message: QueueMessage): QueueName {
  return message.type === 'uploaded' ? 'analysis' : QUEUE_OF[message.type];
}

async function handleSafely(
  { pipeline }: Services,
  message: QueueMessage,
  receiveCount: number,
): Promise<Disposition> {
  try {
    return await handleMessage(pipeline, message, receiveCount, (work) => {
      // A worker that dies says nothing any more: this line then tells what it was at.
      alsoLog({ ...jobOf(work) });
      log('info', 'The message is taken up.');
    });
  } catch (error) {
    log('error', 'The failure of a task could not be recorded.');
    return { action: 'retry', delaySeconds: DOWN_DELAY_SECONDS, error, job: jobOf(message) };
  }
}

function describe(disposition: Exclude<Disposition, { action: 'acknowledge' }>): string {
  if (disposition.action === 'dead-letter') return 'The task failed for good and goes to the dead letters.';
  return `The task failed and is tried again in ${disposition.delaySeconds} s.`;
}

/** Says when a message comes again. Unsaid, it comes after the queue's visibility timeout, which is six times as long. */
async function hideFor(
  { sqs, queueUrls }: Services,
  { queue, handle }: { readonly queue: QueueName; readonly handle: string },
  seconds: number,
): Promise<void> {
  try {
    await sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: queueUrls[queue],
        ReceiptHandle: handle,
        VisibilityTimeout: seconds,
      }),
    );
  } catch (error) {
    log('warn', 'The delay of a retry could not be set.', errorFields(error));
  }
}
