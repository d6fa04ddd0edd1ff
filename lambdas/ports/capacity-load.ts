import type { CacheObservation } from '../domain/capacity/cache.ts';
import type { DatabaseLoad, QueueLoad } from '../domain/capacity/measures.ts';

/** What was last measured of all that capacity is decided from. */
export interface Load {
  /** By the name of the queue; null when nothing was heard of it. */
  readonly queues: Readonly<Record<string, QueueLoad | null>>;
  readonly database: DatabaseLoad;
  readonly cache: CacheObservation['used'];
}

export interface CapacityLoad {
  /** @param at milliseconds since the epoch, by the clock of the metrics */
  read(at: number): Promise<Load>;
}
