import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { createDynamoIdempotency } from '../../lambdas/adapters/dynamodb-idempotency.ts';
import { recordKey } from '../../lambdas/adapters/dynamodb-records.ts';
import { hashOf } from '../../lambdas/domain/access/token.ts';
import { startJobsTable } from './jobs-table.ts';

const NOW = Date.parse('2026-03-01T10:00:00.000Z');
const DAY = 24 * 3600_000;
const LEASE = NOW + 30_000;
const table = await startJobsTable();

function storeAt(now: number) {
  return createDynamoIdempotency(table.client, table.name, { now: () => now });
}

const store = storeAt(NOW);

describe('a request', () => {
  it('is claimed by one of many attempts', async () => {
    const attempts = Array.from({ length: 20 }, (_, i) => ({ tenant: 'acme', key: 'many', id: `a${i}` }));
    const claims = await Promise.all(attempts.map((attempt) => store.claim(attempt, 'f', LEASE)));
    expect(claims.filter(({ state }) => state === 'claimed')).toHaveLength(1);
    expect(claims.filter(({ state }) => state === 'in_progress')).toHaveLength(19);
  });

  it('is answered again as it was the first time, for a day', async () => {
    const request = { tenant: 'acme', key: 'answered' };
    await store.claim({ ...request, id: 'a' }, 'f', LEASE);
    await store.keep({ ...request, id: 'a' }, 'the answer');
    const answered = { state: 'answered', answer: 'the answer' };
    expect(await store.claim({ ...request, id: 'b' }, 'f', LEASE)).toEqual(answered);
    expect(await storeAt(NOW + DAY - 1).claim({ ...request, id: 'c' }, 'f', LEASE)).toEqual(answered);
    expect(await storeAt(NOW + DAY).claim({ ...request, id: 'd' }, 'f', NOW + 2 * DAY)).toEqual({
      state: 'claimed',
    });
  });

  it('whose answer was not kept is repeated, by as many as like', async () => {
    const request = { tenant: 'acme', key: 'repeated' };
    await store.claim({ ...request, id: 'a' }, 'f', LEASE);
    await store.keep({ ...request, id: 'a' }, null);
    for (const id of ['b', 'c'])
      expect(await store.claim({ ...request, id }, 'f', LEASE)).toEqual({ state: 'repeat' });
    expect(await store.claim({ ...request, id: 'd' }, 'g', LEASE)).toEqual({ state: 'other_request' });
  });

  it('of the same name but other content is another one, whether the first is done or not', async () => {
    const request = { tenant: 'acme', key: 'reused' };
    await store.claim({ ...request, id: 'a' }, 'f', LEASE);
    expect(await store.claim({ ...request, id: 'b' }, 'g', LEASE)).toEqual({ state: 'other_request' });
    expect(await storeAt(LEASE).claim({ ...request, id: 'b' }, 'g', LEASE)).toEqual({
      state: 'other_request',
    });
    await store.keep({ ...request, id: 'a' }, 'the answer');
    expect(await store.claim({ ...request, id: 'c' }, 'g', LEASE)).toEqual({ state: 'other_request' });
  });

  it('is each tenant’s own', async () => {
    expect(await store.claim({ tenant: 'one', key: 'k', id: 'a' }, 'f', LEASE)).toEqual({ state: 'claimed' });
    expect(await store.claim({ tenant: 'two', key: 'k', id: 'b' }, 'g', LEASE)).toEqual({ state: 'claimed' });
  });
});

describe('a claim', () => {
  it('of an attempt that crashed ends, and then another may try', async () => {
    const request = { tenant: 'acme', key: 'crashed' };
    await store.claim({ ...request, id: 'a' }, 'f', LEASE);
    const claimAt = (now: number, id: string) => storeAt(now).claim({ ...request, id }, 'f', now + 30_000);
    expect(await claimAt(LEASE - 1, 'b')).toEqual({ state: 'in_progress' });
    const claims = await Promise.all(['c', 'd', 'e'].map((id) => claimAt(LEASE, id)));
    expect(claims.filter(({ state }) => state === 'claimed')).toHaveLength(1);
    await expect(store.keep({ ...request, id: 'a' }, 'too late')).rejects.toThrow();
    await store.release({ ...request, id: 'a' });
    expect(await claimAt(LEASE, 'f')).toEqual({ state: 'in_progress' });
  });

  it('that is given back leaves the name free, also for another request', async () => {
    const request = { tenant: 'acme', key: 'given-back' };
    await store.claim({ ...request, id: 'a' }, 'f', LEASE);
    await store.release({ ...request, id: 'a' });
    expect(await store.claim({ ...request, id: 'b' }, 'g', LEASE)).toEqual({ state: 'claimed' });
  });

  it('made twice by the same attempt, because an answer got lost, is its claim', async () => {
    const attempt = { tenant: 'acme', key: 'lost', id: 'a' };
    await store.claim(attempt, 'f', LEASE);
    expect(await store.claim(attempt, 'f', LEASE)).toEqual({ state: 'claimed' });
    await store.keep(attempt, 'the answer');
    await store.keep(attempt, 'the answer');
    expect(await store.claim({ ...attempt, id: 'b' }, 'f', LEASE)).toMatchObject({ state: 'answered' });
  });
});

describe('the record', () => {
  it('does not hold the key that the caller chose, and goes after a day', async () => {
    await store.claim({ tenant: 'acme', key: 'chosen', id: 'a' }, 'f', LEASE);
    const Key = recordKey(`idempotency#acme#${hashOf('chosen')}`, 'request');
    const { Item } = await table.client.send(new GetItemCommand({ TableName: table.name, Key }));
    expect(Item?.['expiresAt']?.N).toBe(String((NOW + DAY) / 1000));
    expect(JSON.stringify(Item)).not.toContain('chosen');
  });
});
