import { LRUCache } from 'lru-cache';
import type { Cache, CacheEntry } from '../../ports/cache.ts';
import type { Clock } from '../../ports/clock.ts';

/** What a map entry, a key and two typed arrays take besides the value, roughly. */
const ENTRY_OVERHEAD_BYTES = 512;

interface MemoryCacheLimits {
  readonly entries: number;
  /** Of all values together. */
  readonly bytes: number;
}

/** A thousand entries (scaling guide), and few enough bytes that a function of 512 MiB does not notice. */
const MEMORY_CACHE_LIMITS: MemoryCacheLimits = { entries: 1000, bytes: 48 << 20 };

/** The cache of one process: what was used least recently goes first. */
export function createMemoryCache(clock: Clock, limits = MEMORY_CACHE_LIMITS): Cache {
  const entries = new LRUCache<string, CacheEntry>({
    max: limits.entries,
    maxSize: limits.bytes,
    sizeCalculation: ({ value }) => value.byteLength + ENTRY_OVERHEAD_BYTES,
  });
  return {
    async get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return null;
      if (entry.expiresAt > clock.now()) return entry;
      entries.delete(key);
      return null;
    },
    async set(key, entry) {
      entries.set(key, entry);
    },
    async delete(key) {
      entries.delete(key);
    },
  };
}
