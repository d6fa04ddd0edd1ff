import type { BucketRate, TakeResult } from '../domain/job/token-bucket.ts';

/** Token buckets by tenant and name. */
export interface RateBucket {
  /** Takes one token. The arithmetic is `takeToken`; the store only makes it atomic. */
  take(tenant: string, name: string, rate: BucketRate): Promise<TakeResult>;
}
