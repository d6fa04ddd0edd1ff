import { createHash } from 'node:crypto';

const [MINUTE, HOUR] = [60, 3600];

/** When a message is tried, in seconds from the first attempt (Standard Webhooks 1.0). */
const ATTEMPTS_AFTER = [
  0,
  5,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
] as const;

/** Longest share of a wait that is added to it, so that receivers that were down are not met by all at once. */
const JITTER = 0.1;

/** What a receiver asked for is obeyed up to this, so that no message outlives its record. */
const LONGEST_WAIT_SECONDS = 24 * HOUR;

export interface FailedAttempts {
  /** Names the message; with the number of attempts, it decides the jitter. */
  readonly id: string;
  /** Of the first attempt, in milliseconds since the epoch. */
  readonly since: number;
  /** How often it was tried, at least 1. */
  readonly made: number;
  /** What the receiver asked for last (`Retry-After`); null when nothing. */
  readonly retryAfterSeconds: number | null;
}

/**
 * When a message that failed is tried again, in milliseconds since the epoch; null when it is given up.
 *
 * @param now milliseconds since the epoch
 */
export function nextAttemptAt(
  { id, since, made, retryAfterSeconds }: FailedAttempts,
  now: number,
): number | null {
  const after = ATTEMPTS_AFTER[made];
  if (after === undefined) return null;
  const wait = after - (ATTEMPTS_AFTER[made - 1] ?? 0);
  const planned = since + (after + wait * JITTER * fractionOf(`${id}/${made}`)) * 1000;
  const asked = now + Math.min(LONGEST_WAIT_SECONDS, retryAfterSeconds ?? 0) * 1000;
  return Math.ceil(Math.max(planned, asked));
}

/** A number from 0 up to 1 that follows from a text. */
function fractionOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;
}
