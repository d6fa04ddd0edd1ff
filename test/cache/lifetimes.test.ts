import { describe, expect, it } from 'vitest';
import { createMemoryCache } from '../../lambdas/adapters/cache/memory-cache.ts';
import { getItem, listItems } from '../../lambdas/api/items.ts';
import type { QueryServices } from '../../lambdas/api/query-services.ts';
import { itemKey } from '../../lambdas/domain/report/item-key.ts';
import { buildJob } from '../adapters/jobs.ts';
import { CALLER, requestFor } from '../http/requests.ts';
import { MemoryStore } from '../simulation/memory-store.ts';
import { contextOver } from '../simulation/ports.ts';

const clock = { now: () => Date.parse('2026-03-02T10:00:00.000Z') };

describe('the cache of a process', () => {
  it('keeps a thousand answers, and of more those that were used last', async () => {
    const cache = createMemoryCache(clock);
    const expiresAt = clock.now() + 1000;
    const set = (key: number) => cache.set(String(key), { value: Uint8Array.of(key), expiresAt });
    for (let key = 0; key < 1000; key++) await set(key);
    expect(await cache.get('0')).not.toBeNull();
    await set(1000);
    // The first was asked for since, so the second has to go.
    expect([await cache.get('0'), await cache.get('1')]).toEqual([expect.anything(), null]);
    for (let key = 2; key <= 1000; key++) expect(await cache.get(String(key))).not.toBeNull();
  });
});

describe('answers about creatives', () => {
  const job = buildJob({
    tenant: CALLER.tenant,
    state: 'SUCCEEDED',
    resultExpiresAt: '2100-01-01T00:00:00.000Z',
  });
  const lifetimes: number[] = [];

  function services(): QueryServices {
    const memory = new MemoryStore();
    const { jobs, objects } = contextOver({ store: memory, now: clock.now, send: () => undefined });
    memory.create(job, []);
    return {
      jobs,
      objects,
      clock,
      results: {} as QueryServices['results'],
      links: { to: () => expect.fail('Nothing is linked to.') },
      answers: {
        read: async (_key, seconds) => {
          lifetimes.push(seconds);
          return { value: Buffer.from('{"items":[],"next":null,"total":0}'), hitSeconds: null };
        },
      },
      dependencies: [],
      warn: () => undefined,
    };
  }

  it('are kept for an hour, and those with signatures for two', async () => {
    const parameters = { jobId: job.id, itemKey: itemKey('UGC v3') };
    await listItems(services(), requestFor('listItems', { parameters }));
    await getItem(services(), requestFor('getItem', { parameters, query: { include: ['distances'] } }));
    expect(lifetimes).toEqual([3600, 7200]);
  });
});
