import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { type DeliverMessage, deliverMessageSchema } from '../../contracts/webhook.ts';
import { type DeliverContext, deliver } from '../../pipeline/webhooks/deliver.ts';
import { errorFields, log } from './log.ts';

export interface DeliveryServices {
  readonly context: DeliverContext;
  /** Writes what was measured. */
  readonly flushMetrics: () => void;
}

/**
 * The handler of the queue of webhook deliveries. A receiver that fails is no failure here: the attempt is noted, and the
 * message for the next one is sent. Only what could not be noted comes again, and in the end goes to the dead letters.
 *
 * @param create what it works with, at its first call
 */
export function deliveryHandler(create: () => DeliveryServices) {
  let services: DeliveryServices | undefined;
  return middy<SQSEvent, SQSBatchResponse>().handler(async ({ Records }, { awsRequestId }) => {
    services ??= create();
    const { context, flushMetrics } = services;
    const failed = await Promise.all(Records.map((record) => handleRecord(context, record, awsRequestId)));
    flushMetrics();
    const itemIdentifiers = failed.filter((messageId) => messageId !== null);
    return { batchItemFailures: itemIdentifiers.map((itemIdentifier) => ({ itemIdentifier })) };
  });
}

/** @returns the id of the message if it is to come again, null when it is done with */
async function handleRecord(
  context: DeliverContext,
  { body, messageId }: SQSRecord,
  requestId: string,
): Promise<string | null> {
  try {
    const message: DeliverMessage = deliverMessageSchema.parse(JSON.parse(body));
    const outcome = await deliver(context, message);
    log('info', `The delivery is ${outcome}.`, { requestId, messageId, work: message });
    return null;
  } catch (error) {
    log('error', 'A delivery could not be worked on.', { requestId, messageId, ...errorFields(error) });
    return messageId;
  }
}
