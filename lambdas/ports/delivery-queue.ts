import type { DeliverMessage } from '../contracts/webhook.ts';

/** Longest time that a message waits in the queue; a longer wait is several of these. */
export const MAX_DELAY_SECONDS = 900;

export interface DeliveryQueue {
  /** @param delaySeconds 0 to `MAX_DELAY_SECONDS` */
  send(message: DeliverMessage, delaySeconds: number): Promise<void>;
}
