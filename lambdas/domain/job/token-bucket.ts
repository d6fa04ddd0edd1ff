export interface BucketRate {
  /** Most tokens it holds: what may be taken at once after a rest. */
  readonly capacity: number;
  readonly refillPerMinute: number;
}

/**
 * What is stored of a bucket; one that was never used is full. Taking a token moves this one number on, by the time that
 * a token takes to come back, so that no two who take need to know of each other (the generic cell rate algorithm).
 */
export interface BucketLevel {
  /** When it is full again, or was, in whole microseconds since the epoch: sums of them stay exact. */
  readonly fullAt: number;
}

/** What is left of a bucket. */
export interface BucketState {
  /** Whole tokens that can be taken now. */
  readonly remaining: number;
  /** Until it is full again, 0 when it is. */
  readonly fullAfterSeconds: number;
}

export type TakeResult = BucketState &
  (
    | { readonly taken: true }
    | {
        readonly taken: false;
        /** Until as many are there, at least 1. */
        readonly retryAfterSeconds: number;
      }
  );

const MINUTE_MICROSECONDS = 60_000_000;
const SECOND_MICROSECONDS = 1_000_000;

/**
 * Takes tokens if there are so many.
 *
 * @param now milliseconds since the epoch. To a clock that went back a bucket is emptier, never fuller
 * @returns the answer, and the level to store
 */
export function takeTokens(
  level: BucketLevel | null,
  rate: BucketRate,
  now: number,
  count = 1,
): { result: TakeResult; level: BucketLevel } {
  const at = microseconds(now);
  const before = level ?? { fullAt: at };
  const latest = latestFullAt(rate, now, count);
  if (before.fullAt > latest) {
    const wait = before.fullAt - latest;
    const retryAfterSeconds = Math.max(1, Math.ceil(wait / SECOND_MICROSECONDS));
    return { result: { taken: false, retryAfterSeconds, ...stateOf(before, rate, now) }, level: before };
  }
  const after = { fullAt: Math.max(before.fullAt, at) + count * tokenMicroseconds(rate) };
  return { result: { taken: true, ...stateOf(after, rate, now) }, level: after };
}

export function stateOf({ fullAt }: BucketLevel, rate: BucketRate, now: number): BucketState {
  const missing = Math.max(0, fullAt - microseconds(now));
  return {
    remaining: Math.max(0, Math.floor(rate.capacity - missing / tokenMicroseconds(rate))),
    fullAfterSeconds: Math.ceil(missing / SECOND_MICROSECONDS),
  };
}

/** The latest `fullAt` of a bucket that has so many tokens now. */
export function latestFullAt(rate: BucketRate, now: number, count: number): number {
  return microseconds(now) + (rate.capacity - count) * tokenMicroseconds(rate);
}

/** How long a token takes to come back; rounded up, so that never more come than were promised. */
export function tokenMicroseconds({ refillPerMinute }: BucketRate): number {
  return Math.ceil(MINUTE_MICROSECONDS / refillPerMinute);
}

/** A time in the unit of `fullAt`. @param now milliseconds since the epoch */
export function microseconds(now: number): number {
  return Math.floor(now) * 1000;
}
