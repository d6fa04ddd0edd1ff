export interface CacheEntry {
  readonly value: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * Bytes by key, for a while. It is only ever a cache: it may forget anything at any time, and when it is slow, full or
 * gone it answers that it has nothing. It never throws, and never keeps a caller waiting for long.
 */
export interface Cache {
  get(key: string): Promise<CacheEntry | null>;
  set(key: string, entry: CacheEntry): Promise<void>;
  delete(key: string): Promise<void>;
}
