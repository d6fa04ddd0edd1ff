import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { MessageBroker } from '../sqs/broker.ts';
import { capOf, type MappingSettings } from './event-source.ts';
import type { Outcome } from './outcome.ts';
import { Slots } from './slots.ts';
import { handledMessages, type ReceivedMessage, receivedMessageSchema, sqsEvent } from './sqs-event.ts';

export interface QueuePollerOptions {
  readonly queueArn: string;
  readonly queueUrl: string;
  readonly broker: MessageBroker;
  /** Hands the function a batch, once it may run again. */
  readonly invoke: (payload: string) => Promise<Outcome>;
  /**
   * Comes when it could run at once. What is not taken sooner stays in the queue, which can still prefer another: on AWS
   * there is an environment for every batch that the mapping allows, here there are few.
   */
  readonly free: () => Promise<void>;
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
  readonly #slots = new Slots(0);
  #settings: MappingSettings;
  #inFlight = 0;
  #stopped = false;
  #polling: Promise<void> | undefined;

  constructor(options: QueuePollerOptions, settings: MappingSettings) {
    this.#options = options;
    this.#settings = settings;
    this.configure(settings);
  }

  /** Most batches at a time. */
  get cap(): number {
    return capOf(this.#settings, this.#options.defaultConcurrency);
  }

  /** Batches that the function has, or that wait for an environment of it. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Takes further messages by these settings; a batch the function has already is left to it. */
  configure(settings: MappingSettings): void {
    this.#settings = settings;
    if (!this.#stopped) this.#slots.limit = settings.enabled ? this.cap : 0;
  }

  start(): void {
    this.#polling = this.#poll();
  }

  /** Takes no further messages. A receive call under way ends when the broker is closed. */
  stop(): void {
    this.#stopped = true;
    // Whoever waits for a slot sees that it is over.
    this.#slots.limit = Number.POSITIVE_INFINITY;
  }

  async ended(): Promise<void> {
    await this.#polling;
  }

  async #poll(): Promise<void> {
    while (!this.#stopped) {
      await this.#slots.take();
      if (!this.#stopped) await this.#options.free();
      const batch = this.#stopped ? [] : await this.#receiveBatch().catch(this.#retryLater('receiving'));
      if (batch.length > 0) await this.#waitForCap(batch);
      // Stopped with messages in hand: the next start makes them available at once.
      if (batch.length === 0 || this.#stopped) this.#slots.giveBack();
      else void this.#handle(batch).finally(() => this.#slots.giveBack());
    }
  }

  /** Holds messages back that came when the cap had been lowered, and gives them back if nobody will have them. */
  async #waitForCap(batch: ReceivedMessage[]): Promise<void> {
    if (!this.#settings.enabled) await this.#release(batch.splice(0)).catch(this.#retryLater('releasing'));
    if (this.#slots.taken <= this.#slots.limit) return;
    this.#slots.giveBack();
    await this.#slots.take();
  }

  async #receiveBatch(): Promise<ReceivedMessage[]> {
    const { batchSize, windowSeconds } = this.#settings;
    const batch = await this.#receive(batchSize, LONG_POLL_SECONDS);
    const until = Date.now() + windowSeconds * 1000;
    while (batch.length > 0 && batch.length < batchSize && !this.#stopped) {
      const wait = Math.max(0, Math.ceil((until - Date.now()) / 1000));
      const more = await this.#receive(batchSize - batch.length, Math.min(wait, LONG_POLL_SECONDS));
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
    const { invoke, queueArn } = this.#options;
    this.#inFlight += 1;
    const outcome = await invoke(JSON.stringify(sqsEvent(batch, queueArn)));
    this.#inFlight -= 1;
    if (!outcome.succeeded) return;
    const { reportsFailures } = this.#settings;
    const handled = reportsFailures ? handledMessages(batch, outcome.payload) : batch;
    await this.#delete(handled).catch(this.#retryLater('deleting'));
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

  async #release(messages: readonly ReceivedMessage[]): Promise<void> {
    const { broker, queueUrl: QueueUrl } = this.#options;
    for (const { ReceiptHandle } of messages)
      await broker.sqs('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
  }

  #retryLater(doing: string): (error: unknown) => Promise<never[]> {
    return async (error) => {
      if (this.#stopped) return [];
      this.#options.log(`${doing} messages failed: ${error instanceof Error ? error.message : error}`);
      await delay(BACKOFF_MS);
      return [];
    };
  }
}
