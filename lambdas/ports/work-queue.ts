import type { WorkMessage } from '../contracts/messages.ts';

export interface WorkQueue {
  /**
   * Sends each message to the queue of its type (`QUEUE_OF`), grouped by tenant so that tenants share the workers.
   *
   * @param delaySeconds 0 to 900, until the messages can be received
   * @throws Error unless all were accepted; some may have been
   */
  send(messages: readonly WorkMessage[], delaySeconds?: number): Promise<void>;
}
