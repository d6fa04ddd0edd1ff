import { afterAll, describe, expect, it } from 'vitest';
import { itemKey } from '../../lambdas/domain/report/item-key.ts';
import { compareItems } from '../../lambdas/domain/report/order.ts';
import type { ResultStore } from '../../lambdas/ports/result-store.ts';
import { Unavailable } from '../../lambdas/ports/unavailable.ts';
import { eventually } from '../local/eventually.ts';
import { type PostgresServer, startPostgres } from './postgres.ts';
import { migrateServer, NO_FILTER, openStore, resultOf, store, type TestResult } from './results.ts';

const cluster = await startPostgres(2);
afterAll(() => cluster.stop());
const { primary } = cluster;
const [near, far] = cluster.replicas as [PostgresServer, PostgresServer];
await migrateServer(primary);

const FIRST = { filter: NO_FILTER, sort: 'riskScore', descending: true, after: null, limit: 500 } as const;

/** Asks a replica in the way of a store that has no other server. */
function only(server: PostgresServer): ResultStore {
  return openStore(server).results;
}

async function run(server: PostgresServer, sql: string): Promise<unknown[]> {
  const client = await server.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
}

/** Waits until a replica has what was written. */
async function arrived(server: PostgresServer, { head }: TestResult): Promise<void> {
  const replica = only(server);
  await eventually('a result at a replica', async () => ((await replica.result(head)) ? true : undefined));
}

async function expectAll(results: ResultStore, { head, items }: TestResult): Promise<void> {
  const page = await results.listItems(head, FIRST);
  const ids = items
    .map(({ item }) => item)
    .sort(compareItems)
    .map(({ id }) => id);
  expect(page?.items.map(({ id }) => id)).toEqual(ids);
  expect(await results.result(head)).toMatchObject({ run: head.run });
  const { item, series } = items[0]!;
  expect(await results.item(head, itemKey(item.id))).toEqual({ item, series });
  const actions = { actions: [], after: null, limit: 500 } as const;
  const { total } = await results.listActions(head.tenant, [head], actions);
  expect(total).toBe(page?.items.filter(({ action }) => action !== null).length);
  expect(await results.overview(head.tenant, [head])).toMatchObject({ missing: [] });
}

describe('with replicas', () => {
  it('reads are answered by a reader, with what was written before even while it lags', async () => {
    const { results } = openStore(primary, near);
    const first = resultOf({ seed: 1, items: 40 });
    await store(results, first);
    await arrived(near, first);
    await arrived(far, first);

    await run(near, 'SELECT pg_wal_replay_pause()');
    const again = resultOf({ seed: 2, items: 30, run: 2, jobId: first.head.jobId });
    const second = resultOf({ seed: 3, items: 25 });
    await store(results, again);
    await store(results, second);
    expect(await only(near).result(second.head)).toBeNull();
    expect(await only(near).result(first.head)).toMatchObject({ run: 1 });
    await expectAll(results, again);
    await expectAll(results, second);
    await run(near, 'SELECT pg_wal_replay_resume()');
    await arrived(near, second);
    await arrived(near, again);

    // Only a reader that lags can still answer this.
    await run(near, 'SELECT pg_wal_replay_pause()');
    await results.deleteJob(second.head);
    expect(await results.result(second.head)).toMatchObject({ jobId: second.head.jobId });
    await run(near, 'SELECT pg_wal_replay_resume()');
  });

  it('a reader refuses to write, which is told as a writer that is not there', async () => {
    const failed = await store(only(near), resultOf({ seed: 4, items: 3 })).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(Unavailable);
    expect(failed).toMatchObject({ retryAfterSeconds: 15 });
  });

  it('a reader that is killed leaves its reads to the writer', async () => {
    const { results, database } = openStore(primary, far);
    const result = resultOf({ seed: 5, items: 20 });
    await store(results, result);
    await arrived(far, result);
    await expectAll(results, result);
    await far.kill();
    await expectAll(results, result);
    expect(await database.ping()).toEqual({ writer: expect.any(Number), reader: null });
  });

  it('without its writer it goes on reading, refuses writes for now, and goes on when a replica is promoted', async () => {
    const { results } = openStore(primary, near);
    const result = resultOf({ seed: 6, items: 20 });
    await store(results, result);
    await arrived(near, result);
    await primary.kill();
    await expectAll(results, result);
    expect(await results.result({ ...result.head, run: 9 })).toBeNull();
    const late = resultOf({ seed: 7, items: 10 });
    await expect(store(results, late)).rejects.toBeInstanceOf(Unavailable);

    await near.promote();
    const after = openStore(near).results;
    await eventually('a promoted writer', async () => {
      const outcome = await store(after, late).catch(() => undefined);
      return outcome === 'stored' ? true : undefined;
    });
    await expectAll(after, late);
    await expectAll(after, result);
  });

  it('without any server it says so', async () => {
    const { results } = openStore(primary, far);
    await expect(results.result(resultOf({ seed: 8, items: 1 }).head)).rejects.toBeInstanceOf(Unavailable);
  });
});
