import { ChangeMessageVisibilityCommand } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { parseMessage, QUEUE_OF, type QueueMessage, type QueueName } from '../../contracts/messages.ts';
import { type Disposition, handleMessage, jobOf } from '../../pipeline/handle-message.ts';
import { errorFields, type LogFields, log } from './log.ts';
import { observed } from './observed.ts';
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
  return middy<SQSEvent, SQSBatchResponse>()
    .use(observed())
    .handler(async ({ Records }, { awsRequestId }) => {
      const services = useServices();
      const handled = Records.map((record) => handleRecord(services, queue, record, awsRequestId));
      const failed = (await Promise.all(handled)).filter((messageId) => messageId !== null);
      return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
    });
}

/** @returns the id of the message if it is to come again, null when it is done with */
async function handleRecord(
  services: Services,
  queue: QueueName,
  record: SQSRecord,
  requestId: string,
): Promise<string | null> {
  const receiveCount = Number(record.attributes.ApproximateReceiveCount);
  const receipt = { queue, handle: record.receiptHandle };
  const about = { requestId, messageId: record.messageId, receiveCount };
  const message = readMessage(record.body, queue, about);
  if (message === null) {
    await hideFor(services, receipt, 0, about);
    return record.messageId;
  }
  const task = { ...about, ...jobOf(message), work: message };
  const started = performance.now();
  const disposition = await handleSafely(services, message, receiveCount, task);
  const seconds = (performance.now() - started) / 1000;
  const fields = { ...task, ...disposition.job };
  if (disposition.action === 'acknowledge') {
    log('info', `The message is ${disposition.outcome}.`, { ...fields, seconds });
    return null;
  }
  const delaySeconds = disposition.action === 'retry' ? disposition.delaySeconds : 0;
  log('error', describe(disposition), { ...fields, seconds, ...errorFields(disposition.error) });
  await hideFor(services, receipt, delaySeconds, fields);
  return record.messageId;
}

/** A message that cannot be read will never be; it goes to the dead-letter queue, where a person can look at it. */
function readMessage(body: string, queue: QueueName, about: LogFields): QueueMessage | null {
  try {
    const message = parseMessage(body);
    if (queueOf(message) === queue) return message;
    log('error', `The ${queue} queue carries no ${message.type} messages.`, { ...about, work: message });
  } catch (error) {
    log('error', 'The message cannot be read.', { ...about, body, ...errorFields(error) });
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
  fields: LogFields,
): Promise<Disposition> {
  try {
    return await handleMessage(pipeline, message, receiveCount);
  } catch (error) {
    log('error', 'The failure of a task could not be recorded.', fields);
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
  fields: LogFields,
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
    log('warn', 'The delay of a retry could not be set.', { ...fields, ...errorFields(error) });
  }
}
