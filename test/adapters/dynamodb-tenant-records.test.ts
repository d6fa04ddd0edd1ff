import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { createDynamoDeletions } from '../../lambdas/adapters/dynamodb-deletions.ts';
import { createDynamoTenantRecords } from '../../lambdas/adapters/dynamodb-tenant-records.ts';
import { startTenantTables } from './tenant-tables.ts';

const NOW = Date.parse('2026-03-01T10:00:00.000Z');
/** Whose names begin like that of the tenant that goes, or whose name that begins with. */
const NEIGHBOURS = ['acm', 'acme-2', 'acmee', 'a'];
const at = new Date(NOW).toISOString();

const { all, fill, writers, ...tables } = await startTenantTables({ now: () => NOW });
const records = createDynamoTenantRecords(tables);
const deletions = createDynamoDeletions({ client: tables.client, name: tables.jobs });

/** Everything that is removed of a tenant, a step after the other. @returns how many records, and in how many steps */
async function removeAll(tenant: string) {
  let [removed, steps] = [0, 0];
  for (let page = 1; page > 0; removed += page) page = await records.removeNamed(tenant);
  for (let position: string | null = null; steps === 0 || position !== null; steps++) {
    const page = await records.removeScattered(tenant, position);
    removed += page.removed;
    position = page.next;
  }
  return { removed, steps };
}

describe('the records of a tenant', () => {
  it('are removed, of every kind, and no record of another', async () => {
    for (const neighbour of NEIGHBOURS) await fill(neighbour, 1);
    const before = await all();
    await fill('acme', 1);
    await fill('acme', 2);
    const own = (await all()).length - before.length;
    // Every writer writes a record; some of them more, and some of them the same one twice.
    expect(own).toBeGreaterThan(Object.keys(writers).length * 2);
    await deletions.put({ tenant: 'acme', datasetId: null, askedAt: at, dueAt: at });
    expect(await removeAll('acme')).toMatchObject({ removed: own });
    const note = { table: tables.jobs, pk: 'tenant#acme', sk: 'deletion#all' };
    expect(await all()).toEqual(expect.arrayContaining(before));
    expect((await all()).length).toBe(before.length + 1);
    expect(await all()).toContainEqual(note);
    expect(await removeAll('acme')).toMatchObject({ removed: 0 });
    for (const neighbour of NEIGHBOURS) expect((await removeAll(neighbour)).removed).toBeGreaterThan(10);
    expect(await all()).toEqual([note]);
  });

  it('go in an order: who may come in, where anything goes out to, then all else', async () => {
    await fill('orderly', 1);
    const kinds = new Set((await all()).filter(({ pk }) => pk === 'tenant#orderly').map(kindOf));
    expect(kinds).toEqual(new Set(['dataset', 'job', 'portfolios', 'token', 'webhook']));
    const left = [];
    while ((await records.removeNamed('orderly')) > 0)
      left.push((await all()).filter(({ pk }) => pk === 'tenant#orderly').map(kindOf));
    expect(left).toEqual([['dataset', 'job', 'portfolios', 'webhook'], ['dataset', 'job', 'portfolios'], []]);
    await removeAll('orderly');
  });

  it('are found on every page of the tables, and from where the last step ended', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const pk = { S: `job#${seed % 2 === 0 ? 'paged' : 'pager'}#job_${seed}` };
      const Item = { pk, sk: { S: 'event#1' }, event: { S: 'x'.repeat(100_000) } };
      await tables.client.send(new PutItemCommand({ TableName: tables.jobs, Item }));
    }
    const { removed, steps } = await removeAll('paged');
    expect(removed).toBe(15);
    expect(steps).toBeGreaterThan(3);
    expect(await removeAll('pager')).toMatchObject({ removed: 15 });
  });

  it('are not looked for from a position that is none', async () => {
    await expect(records.removeScattered('acme', '{"table":"others","after":null}')).rejects.toMatchObject({
      name: 'ZodError',
    });
  });
});

function kindOf({ sk }: { readonly sk: string }): string {
  return sk.split('#')[0] ?? '';
}
