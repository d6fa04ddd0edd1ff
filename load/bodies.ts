import { randomUUID } from 'node:crypto';

/** `cold`: every request has other bytes. `warm`: all of a size have the same, and were sent once before. */
export type CacheState = 'cold' | 'warm';

/** Lists of observations that requests of one size take turns in. Their names still make each request another. */
const LISTS = 8;

/** Gives the body of the next request with so many observations. */
export type NextBody = (items: number) => string;

/**
 * Bodies of `POST /api/analyze` as the scaling guide's load test makes them.
 *
 * @param run the same in all processes of a measurement and different in every other, so that nothing is left of an
 *   earlier one in a cache
 */
export function createBodies(cache: CacheState, run: string): NextBody {
  const lists = new Map<number, readonly string[]>();
  const sender = randomUUID();
  let sent = 0;

  function listsOf(items: number): readonly string[] {
    const known = lists.get(items);
    if (known !== undefined) return known;
    const random = createRandom(items);
    const made = Array.from({ length: LISTS }, () => JSON.stringify(observations(items, random)));
    lists.set(items, made);
    return made;
  }

  return (items) => {
    const number = cache === 'warm' ? 0 : sent++;
    const name = cache === 'warm' ? `test_dataset_${run}` : `test_dataset_${run}_${sender}_${number}`;
    return `{"dataset_name":"${name}","items":${listsOf(items)[number % LISTS]}}`;
  };
}

function observations(items: number, random: () => number) {
  const between = (low: number, high: number) => low + random() * (high - low);
  return Array.from({ length: items }, (_, i) => ({
    id: `item_${i}`,
    metrics: {
      impressions: Math.floor(between(1000, 100_001)),
      clicks: Math.floor(between(10, 1001)),
      ctr: between(0.001, 0.1),
      spend: between(10, 1000),
    },
    timestamp: '2024-01-01T00:00:00Z',
  }));
}

/** Numbers in [0, 1), the same from the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
