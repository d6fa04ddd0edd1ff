import type { Cache } from '../../ports/cache.ts';

/** A near cache over a far one: what the far one has is kept near from then on, for as long as it still holds. */
export function createLayeredCache(near: Cache, far: Cache): Cache {
  return {
    async get(key) {
      const known = await near.get(key);
      if (known !== null) return known;
      const found = await far.get(key);
      if (found !== null) await near.set(key, found);
      return found;
    },
    async set(key, entry) {
      await Promise.all([near.set(key, entry), far.set(key, entry)]);
    },
    async delete(key) {
      await Promise.all([near.delete(key), far.delete(key)]);
    },
  };
}
