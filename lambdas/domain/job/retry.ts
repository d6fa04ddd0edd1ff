/** How often a task is tried again after its first attempt, and how long the first wait is (scaling guide: 3, 5 s). */
export const MAX_RETRIES = 3;
const COUNTDOWN_SECONDS = 5;

/**
 * How long a failed task waits for its next attempt: 5, 10, 20 s.
 *
 * @param receiveCount how often the message was received, this time included
 * @returns null when it has had its last attempt
 */
export function retryDelaySeconds(receiveCount: number): number | null {
  return receiveCount > MAX_RETRIES ? null : COUNTDOWN_SECONDS * 2 ** (receiveCount - 1);
}
