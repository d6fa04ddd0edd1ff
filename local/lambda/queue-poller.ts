import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { DeployedResource } from '../assembly/deployment.ts';
import type { MessageBroker } from '../sqs/broker.ts';
import type { LambdaFunction } from './function.ts';
import { Slots } from './slots.ts';
import { handledMessages, type ReceivedMessage, receivedMessageSchema, sqsEvent } from './sqs-event.ts';

const propertiesSchema = z.looseObject({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  BatchSize: z.coerce.number().default(10),
  MaximumBatchingWindowInSeconds: z.coerce.number().default(0),
  Enabled: z.boolean().default(true),
  FunctionResponseTypes: z.array(z.string()).default([]),
  ScalingConfig: z.looseObject({ MaximumConcurrency: z.coerce.number().optional() }).optional(),
});

export type EventSource = z.infer<typeof propertiesSchema>;

/** @throws Error naming the mapping when it has not the form of one of a queue */
export function eventSource({ logicalId, properties }: DeployedResource): EventSource {
  const parsed = propertiesSchema.safeParse(properties);
  if (!parsed.success) throw new Error(`${logicalId}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

export interface QueuePollerOptions {
  readonly source: EventSource;
  readonly queueUrl: string;
  readonly broker: MessageBroker;
  readonly lambda: LambdaFunction;
  /** Batches at a time where the mapping names no maximum. */
  readonly defaultConcurrency: number;
  readonly log: (line: string) => void;
}

/** Longest wait of one receive call; SQS allows no more. */
const LONG_POLL_SECONDS = 20;
const MAX_RECEIVE = 10;
const BACKOFF_MS = 1000;

/**
 * Takes messages of a queue to a function, as a Lambda event source mapping does: in batches, as many batches at a
 * time as the mapping allows. What the function does not report as handled stays in the queue, until its visibility
 * timeout shows it again or its receive count sends it to the dead-letter queue.
 */
export class QueuePoller {
  readonly #options: QueuePollerOptions;
  readonly #slots: Slots;
  #stopped = false;
  #polling: Promise<void> | undefined;

  constructor(options: QueuePollerOptions) {
    this.#options = options;
    this.#slots = new Slots(options.source.ScalingConfig?.MaximumConcurrency ?? options.defaultConcurrency);
  }

  start(): void {
    this.#polling = this.#poll();
  }

  /** Takes no further messages. A receive call under way ends when the broker is closed. */
  stop(): void {
    this.#stopped = true;
  }

  async ended(): Promise<void> {
    await this.#polling;
  }

  async #poll(): Promise<void> {
    while (!this.#stopped) {
      await this.#slots.take();
      const batch = await this.#receiveBatch().catch((error: unknown) =>
        this.#retryLater('receiving', error),
      );
      // Stopped with messages in hand: the next start makes them available at once.
      if (batch.length === 0 || this.#stopped) this.#slots.giveBack();
      else void this.#handle(batch).finally(() => this.#slots.giveBack());
    }
  }

  async #receiveBatch(): Promise<ReceivedMessage[]> {
    const { BatchSize, MaximumBatchingWindowInSeconds: window } = this.#options.source;
    const batch = await this.#receive(BatchSize, LONG_POLL_SECONDS);
    const until = Date.now() + window * 1000;
    while (batch.length > 0 && batch.length < BatchSize && !this.#stopped) {
      const wait = Math.max(0, Math.ceil((until - Date.now()) / 1000));
      const more = await this.#receive(BatchSize - batch.length, Math.min(wait, LONG_POLL_SECONDS));
      batch.push(...more);
      if (more.length === 0 && Date.now() >= until) break;
    }
    return batch;
  }

  async #receive(count: number, seconds: number): Promise<ReceivedMessage[]> {
    const answer = await this.#options.broker.sqs('ReceiveMessage', {
      QueueUrl: this.#options.queueUrl,
      MaxNumberOfMessages: Math.min(count, MAX_RECEIVE),
      WaitTimeSeconds: seconds,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    return z.array(receivedMessageSchema).parse(answer['Messages'] ?? []);
  }

  async #handle(batch: readonly ReceivedMessage[]): Promise<void> {
    const { lambda, source } = this.#options;
    const outcome = await lambda.invokeWhenFree(JSON.stringify(sqsEvent(batch, source.EventSourceArn)));
    if (!outcome.succeeded) return;
    const partial = source.FunctionResponseTypes.includes('ReportBatchItemFailures');
    const handled = partial ? handledMessages(batch, outcome.payload) : batch;
    await this.#delete(handled).catch((error: unknown) => this.#retryLater('deleting', error));
  }

  async #delete(messages: readonly ReceivedMessage[]): Promise<void> {
    for (let start = 0; start < messages.length; start += MAX_RECEIVE) {
      await this.#options.broker.sqs('DeleteMessageBatch', {
        QueueUrl: this.#options.queueUrl,
        Entries: messages
          .slice(start, start + MAX_RECEIVE)
          .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
      });
    }
  }

  async #retryLater(doing: string, error: unknown): Promise<never[]> {
    if (this.#stopped) return [];
    this.#options.log(`${doing} messages failed: ${error instanceof Error ? error.message : error}`);
    await delay(BACKOFF_MS);
    return [];
  }
}
