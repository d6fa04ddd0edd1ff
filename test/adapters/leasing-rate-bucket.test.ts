import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLeasingRateBucket } from '../../lambdas/adapters/leasing-rate-bucket.ts';
import { type BucketLevel, type BucketRate, takeTokens } from '../../lambdas/domain/job/token-bucket.ts';
import type { RateBucket } from '../../lambdas/ports/rate-bucket.ts';

/** A bucket in memory, a clock that is set, and as many processes as are asked for. */
function world(rate: BucketRate) {
  const clock = { time: 1_000_000, now: () => clock.time };
  let level: BucketLevel | null = null;
  const asked: number[] = [];
  const store: RateBucket = {
    async take(_tenant, _name, _rate, count = 1) {
      asked.push(count);
      const taken = takeTokens(level, rate, clock.time, count);
      level = taken.level;
      return taken.result;
    },
  };
  const process = () => {
    const bucket = createLeasingRateBucket(store, clock);
    return () => bucket.take('acme', 'requests', rate);
  };
  return { clock, asked, process };
}

const RATE = { capacity: 1200, refillPerMinute: 1200 };

describe('a bucket that is leased from', () => {
  it('is asked for one token by who takes few', async () => {
    const { clock, asked, process } = world(RATE);
    const take = process();
    for (let i = 0; i < 10; i++, clock.time += 500) expect((await take()).taken).toBe(true);
    expect(asked).toEqual(Array(10).fill(1));
  });

  it('is asked for more and more by who takes many, up to its share of a minute', async () => {
    const { clock, asked, process } = world(RATE);
    const take = process();
    for (let i = 0; i < 100; i++, clock.time += 10) await take();
    expect(asked.slice(0, 5)).toEqual([1, 2, 4, 6, 6]);
    expect(asked.length).toBeLessThan(25);
    clock.time += 500;
    await take();
    expect(asked.at(-1)).toBe(1);
  });

  it('says what is left of it, the lease included', async () => {
    const { process } = world(RATE);
    const take = process();
    const remaining: number[] = [];
    for (let i = 0; i < 20; i++) remaining.push((await take()).remaining);
    expect(remaining).toEqual(Array.from({ length: 20 }, (_, i) => 1199 - i));
  });

  it('gives its last tokens singly, and then none', async () => {
    const { process } = world({ capacity: 1000, refillPerMinute: 1 });
    const take = process();
    let granted = 0;
    while ((await take()).taken) granted++;
    expect(granted).toBe(1000);
    expect(await take()).toMatchObject({ taken: false, remaining: 0, retryAfterSeconds: 60 });
  });

  it('never grants more than it holds, however many processes share it and whenever they come', async () => {
    const takes = fc.array(fc.record({ process: fc.nat(4), wait: fc.nat(300) }), { maxLength: 400 });
    await fc.assert(
      fc.asyncProperty(takes, fc.integer({ min: 1, max: 600 }), async (coming, capacity) => {
        const { clock, process } = world({ capacity, refillPerMinute: capacity });
        const processes = Array.from({ length: 5 }, process);
        const began = clock.time;
        let granted = 0;
        for (const { process: which, wait } of coming) {
          clock.time += wait;
          if ((await processes[which]!()).taken) granted++;
        }
        const refilled = ((clock.time - began) / 60_000) * capacity;
        expect(granted).toBeLessThanOrEqual(capacity + refilled + 1e-6);
      }),
      { numRuns: 200 },
    );
  });
});
