import type { BucketRate, TakeResult } from '../domain/job/token-bucket.ts';

/** Token buckets by tenant and name. */
export interface RateBucket {
  /** Takes tokens, one if nothing is said, all or none. The arithmetic is `takeTokens`; the store only makes it atomic. */
  take(tenant: string, name: string, rate: BucketRate, count?: number): Promise<TakeResult>;
}
