import type { CacheLimits } from '../domain/capacity/cache.ts';

export interface CapacityCache {
  read(): Promise<{
    readonly limits: CacheLimits;
    /** ElastiCache's own word for it, such as `available`. */
    readonly status: string;
    /** Whether its limits cannot be changed just now. */
    readonly isChanging: boolean;
  }>;
  set(limits: CacheLimits): Promise<void>;
}
