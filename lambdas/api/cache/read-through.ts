import { METRICS } from '../../contracts/metric-names.ts';
import type { Cache } from '../../ports/cache.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Metrics } from '../../ports/metrics.ts';

/** How long answers are kept, in seconds (scaling guide). */
export const CACHE_SECONDS = {
  result: 3600,
  /** Signatures and what was found with them: they never change. */
  signature: 7200,
  /** That something does not exist, which an upload or another request may change at any time. */
  absence: 5,
} as const;

/** Expiry is spread over this share of the time, so that what was cached together is not missed together. */
const JITTER = 0.1;

interface CachedAnswer {
  readonly value: Uint8Array;
  /** Whole seconds that the cache still holds it; null when it was made just now. */
  readonly hitSeconds: number | null;
}

export interface ReadThroughPorts {
  readonly cache: Cache;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** A number in [0, 1). */
  readonly random: () => number;
}

export interface ReadThrough {
  /**
   * The answer of a key: out of the cache, or made and kept. Of those who ask at the same time, one makes it. Errors of
   * making it go to all who asked, and are not kept.
   *
   * @param make answers null when there is nothing, which is kept for seconds only
   */
  read(key: string, ttlSeconds: number, make: () => Promise<Uint8Array | null>): Promise<CachedAnswer | null>;
}

const NOTHING = new Uint8Array(0);

/** Reads through a cache. An empty value stands for an answer that is known not to exist. */
export function createReadThrough({ cache, clock, metrics, random }: ReadThroughPorts): ReadThrough {
  const inFlight = new Map<string, Promise<Uint8Array | null>>();

  async function makeAndKeep(
    key: string,
    ttlSeconds: number,
    make: () => Promise<Uint8Array | null>,
  ): Promise<Uint8Array | null> {
    const value = await make();
    const seconds = value === null ? CACHE_SECONDS.absence : ttlSeconds;
    const expiresAt = clock.now() + seconds * 1000 * (1 - JITTER * random());
    await cache.set(key, { value: value ?? NOTHING, expiresAt });
    return value;
  }

  function makeOnce(key: string, ttlSeconds: number, make: () => Promise<Uint8Array | null>) {
    const running = inFlight.get(key);
    if (running !== undefined) return running;
    const making = makeAndKeep(key, ttlSeconds, make).finally(() => inFlight.delete(key));
    inFlight.set(key, making);
    return making;
  }

  return {
    async read(key, ttlSeconds, make) {
      const known = await cache.get(key);
      metrics.count(known === null ? METRICS.cacheMisses : METRICS.cacheHits);
      if (known !== null) {
        if (known.value.byteLength === 0) return null;
        const hitSeconds = Math.max(0, Math.floor((known.expiresAt - clock.now()) / 1000));
        return { value: known.value, hitSeconds };
      }
      const value = await makeOnce(key, ttlSeconds, make);
      return value === null ? null : { value, hitSeconds: null };
    },
  };
}
