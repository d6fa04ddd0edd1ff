import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLayeredCache } from '../../lambdas/adapters/cache/layered-cache.ts';
import { createMemoryCache } from '../../lambdas/adapters/cache/memory-cache.ts';
import { cacheKey } from '../../lambdas/api/cache/key.ts';
import { CACHE_SECONDS, createReadThrough } from '../../lambdas/api/cache/read-through.ts';
import { METRICS, type MetricName } from '../../lambdas/contracts/metric-names.ts';
import type { Cache } from '../../lambdas/ports/cache.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined) => new TextDecoder().decode(value);

function setUp({ random = 0, cache }: { random?: number; cache?: Cache } = {}) {
  const clock = {
    time: 1_000_000,
    now() {
      return this.time;
    },
  };
  const counts = new Map<MetricName, number>();
  const metrics = {
    count: (name: MetricName, value = 1) => void counts.set(name, (counts.get(name) ?? 0) + value),
    seconds: () => undefined,
  };
  const near = createMemoryCache(clock);
  return {
    clock,
    counts,
    near,
    through: createReadThrough({ cache: cache ?? near, clock, metrics, random: () => random }),
  };
}

describe('reading through the cache', () => {
  it('makes an answer once and has it until it expires', async () => {
    const { clock, counts, through } = setUp();
    let made = 0;
    const read = () => through.read('key', 3600, async () => bytes(`answer ${++made}`));
    expect(await read()).toEqual({ value: bytes('answer 1'), hitSeconds: null });
    clock.time += 3_599_000;
    expect(await read()).toEqual({ value: bytes('answer 1'), hitSeconds: 1 });
    clock.time += 1000;
    expect(text((await read())?.value)).toBe('answer 2');
    expect([counts.get(METRICS.cacheHits), counts.get(METRICS.cacheMisses)]).toEqual([1, 2]);
  });

  it('spreads expiry over a tenth of the time, never beyond it', async () => {
    const { clock, through } = setUp({ random: 0.5 });
    await through.read('key', 1000, async () => bytes('answer'));
    clock.time += 949_000;
    expect((await through.read('key', 1000, async () => bytes('other')))?.hitSeconds).toBe(1);
    clock.time += 1000;
    expect((await through.read('key', 1000, async () => bytes('other')))?.hitSeconds).toBeNull();
  });

  it('lets one of many make the answer that all of them get', async () => {
    const { through } = setUp();
    let made = 0;
    const reads = Array.from({ length: 50 }, () => through.read('key', 60, async () => bytes(`${++made}`)));
    expect((await Promise.all(reads)).map((answer) => text(answer?.value))).toEqual(Array(50).fill('1'));
  });

  it('remembers for seconds that there is nothing', async () => {
    const { clock, through } = setUp();
    let made = 0;
    const read = () =>
      through.read('key', 3600, async () => {
        made++;
        return null;
      });
    expect(await read()).toBeNull();
    expect(await read()).toBeNull();
    expect(made).toBe(1);
    clock.time += CACHE_SECONDS.absence * 1000;
    expect(await read()).toBeNull();
    expect(made).toBe(2);
  });

  it('gives an error to all who asked and keeps none of it', async () => {
    const { through } = setUp();
    const failing = () => through.read('key', 60, () => Promise.reject(new Error('down')));
    const outcomes = await Promise.allSettled([failing(), failing()]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(text((await through.read('key', 60, async () => bytes('up')))?.value)).toBe('up');
  });
});

describe('the layers', () => {
  it('keep near what was found far, for as long as it holds', async () => {
    const { clock, near } = setUp();
    const far = createMemoryCache(clock);
    const layered = createLayeredCache(near, far);
    await far.set('key', { value: bytes('far'), expiresAt: clock.time + 1000 });
    expect(text((await layered.get('key'))?.value)).toBe('far');
    await far.delete('key');
    expect(text((await layered.get('key'))?.value)).toBe('far');
    clock.time += 1000;
    expect(await layered.get('key')).toBeNull();
  });

  it('write and delete in both', async () => {
    const { clock, near } = setUp();
    const far = createMemoryCache(clock);
    const layered = createLayeredCache(near, far);
    await layered.set('key', { value: bytes('both'), expiresAt: clock.time + 1000 });
    expect(await near.get('key')).toEqual(await far.get('key'));
    await layered.delete('key');
    expect([await near.get('key'), await far.get('key')]).toEqual([null, null]);
  });

  it('bound their number and their bytes', async () => {
    const { clock } = setUp();
    const few = createMemoryCache(clock, { entries: 2, bytes: 1 << 20 });
    for (const key of ['a', 'b', 'c'])
      await few.set(key, { value: bytes(key), expiresAt: clock.time + 1000 });
    expect([await few.get('a'), text((await few.get('c'))?.value)]).toEqual([null, 'c']);
    const small = createMemoryCache(clock, { entries: 1000, bytes: 10_000 });
    for (const key of ['a', 'b']) {
      await small.set(key, { value: new Uint8Array(6000), expiresAt: clock.time + 1000 });
    }
    expect([await small.get('a'), (await small.get('b'))?.value.byteLength]).toEqual([null, 6000]);
  });
});

describe('the key of a cached answer', () => {
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([name, part]) => [name, shuffled(part)]),
    );
  };

  it('is the same for the same JSON, however its fields are ordered', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (of) => {
        const subject = { tenant: 'acme', kind: 'analysis' };
        expect(cacheKey({ ...subject, of })).toBe(cacheKey({ ...subject, of: shuffled(of) }));
      }),
    );
  });

  it('differs by tenant, kind and subject', () => {
    const keys = [
      cacheKey({ tenant: 'acme', kind: 'analysis', of: { a: 1 } }),
      cacheKey({ tenant: 'other', kind: 'analysis', of: { a: 1 } }),
      cacheKey({ tenant: 'acme', kind: 'item', of: { a: 1 } }),
      cacheKey({ tenant: 'acme', kind: 'analysis', of: { a: '1' } }),
    ];
    expect(new Set(keys).size).toBe(4);
  });
});
