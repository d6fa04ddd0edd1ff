export interface BucketRate {
  /** Most tokens it holds: what may be taken at once after a rest. */
  readonly capacity: number;
  readonly refillPerMinute: number;
}

/** What is stored of a bucket; one that was never used is full. */
export interface BucketLevel {
  readonly tokens: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export type TakeResult =
  | { readonly taken: true }
  | {
      readonly taken: false;
      /** Until a token is there, at least 1. */
      readonly retryAfterSeconds: number;
    };

const MINUTE_MS = 60_000;

/** Takes one token if there is one. @returns the answer, and the level to store */
export function takeToken(
  level: BucketLevel | null,
  { capacity, refillPerMinute }: BucketRate,
  now: number,
): { result: TakeResult; level: BucketLevel } {
  const before = level ?? { tokens: capacity, at: now };
  // A clock that went back gives nothing and takes nothing.
  const at = Math.max(now, before.at);
  const tokens = Math.min(capacity, before.tokens + ((at - before.at) / MINUTE_MS) * refillPerMinute);
  if (tokens >= 1) return { result: { taken: true }, level: { tokens: tokens - 1, at } };
  const retryAfterSeconds = Math.max(1, Math.ceil((((1 - tokens) / refillPerMinute) * MINUTE_MS) / 1000));
  return { result: { taken: false, retryAfterSeconds }, level: { tokens, at } };
}
