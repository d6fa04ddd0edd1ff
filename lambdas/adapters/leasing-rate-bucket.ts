import type { BucketRate, BucketState } from '../domain/job/token-bucket.ts';
import type { Clock } from '../ports/clock.ts';
import type { RateBucket } from '../ports/rate-bucket.ts';

/** Tokens that this process has taken out of a bucket and not used yet. */
interface Lease {
  readonly size: number;
  readonly at: number;
  left: number;
  /** Of the bucket, without what is left of the lease. */
  readonly state: BucketState;
}

/** Tokens not used by then are lost: to those who share the bucket they look used. */
const LEASE_MS = 500;
/** Of the tokens a minute brings, one process takes this share at a time at most. */
const LARGEST_SHARE = 1 / 200;
/** Buckets that are remembered. */
const REMEMBERED = 1000;

/**
 * Takes several tokens at once out of buckets that this process empties fast, so that not every request waits for the
 * store. Whoever uses up what was taken within half a second takes twice as much the next time; who does not, one. No more
 * is ever granted than the bucket gives; a caller can be refused a few tokens early, those that other processes hold.
 */
export function createLeasingRateBucket(rates: RateBucket, clock: Clock): RateBucket {
  const leases = new Map<string, Lease>();

  async function lease(bucket: string, tenant: string, name: string, rate: BucketRate) {
    const before = leases.get(bucket);
    const now = clock.now();
    const isFast = before !== undefined && now - before.at < LEASE_MS;
    const largest = Math.max(1, Math.floor(rate.capacity * LARGEST_SHARE));
    const wanted = isFast ? Math.min(largest, 2 * before.size) : 1;
    const many = await rates.take(tenant, name, rate, wanted);
    // What is not there in bulk may be there singly.
    const [size, result] =
      many.taken || wanted === 1 ? [wanted, many] : [1, await rates.take(tenant, name, rate, 1)];
    if (leases.size >= REMEMBERED && before === undefined) leases.clear();
    if (result.taken) leases.set(bucket, { size, at: now, left: size - 1, state: result });
    return result.taken ? { ...result, remaining: result.remaining + size - 1 } : result;
  }

  return {
    async take(tenant, name, rate) {
      const bucket = `${tenant}\n${name}`;
      const held = leases.get(bucket);
      if (held === undefined || held.left === 0 || clock.now() - held.at >= LEASE_MS)
        return lease(bucket, tenant, name, rate);
      held.left--;
      return { taken: true, ...held.state, remaining: held.state.remaining + held.left };
    },
  };
}
