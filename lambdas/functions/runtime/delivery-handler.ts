import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { type DeliverMessage, deliverMessageSchema } from '../../contracts/webhook.ts';
import { type DeliverContext, deliver } from '../../pipeline/webhooks/deliver.ts';
import { alsoLog, errorFields, log, loggedAs } from './log.ts';
import { named } from './observed.ts';
import { recordFields } from './queue-record.ts';

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
  return named(async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    services ??= create();
    const { context, flushMetrics } = services;
    const handled = Records.map((record) =>
      loggedAs(recordFields(record), () => handleRecord(context, record)),
    );
    const failed = await Promise.all(handled);
    flushMetrics();
    const itemIdentifiers = failed.filter((messageId) => messageId !== null);
    return { batchItemFailures: itemIdentifiers.map((itemIdentifier) => ({ itemIdentifier })) };
  });
}

/** @returns the id of the message if it is to come again, null when it is done with */
async function handleRecord(context: DeliverContext, { body, messageId }: SQSRecord): Promise<string | null> {
  try {
    const message: DeliverMessage = deliverMessageSchema.parse(JSON.parse(body));
    alsoLog(message);
    const outcome = await deliver(context, message);
    log('info', `The delivery is ${outcome}.`);
    return null;
  } catch (error) {
    log('error', 'A delivery could not be worked on.', errorFields(error));
    return messageId;
  }
}
