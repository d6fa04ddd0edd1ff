import type { QueueName } from '../contracts/messages.ts';

/** A message that was given up. It stays where it is unless one of its methods is called. */
export interface DeadLetter {
  readonly body: string;
  /** Sends it to its queue again, as it was. */
  giveBack(): Promise<void>;
  remove(): Promise<void>;
}

export interface DeadLetters {
  /** The messages of a queue that were given up, each at most once, until there are no more or `limit` were taken. */
  take(queue: QueueName, limit: number): AsyncIterable<DeadLetter>;
}
