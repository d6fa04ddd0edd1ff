import { describe, expect, it } from 'vitest';
import { createDynamoDeletions } from '../../lambdas/adapters/dynamodb-deletions.ts';
import { createDynamoJobStore } from '../../lambdas/adapters/dynamodb-job-store.ts';
import type { Deletion } from '../../lambdas/contracts/deletion.ts';
import { idOf } from '../../lambdas/domain/job/job-id.ts';
import { startJobsTable } from './jobs-table.ts';

const table = await startJobsTable();
const store = createDynamoDeletions(table);

function build(seed: string | null, minute: number, tenant = 'acme'): Deletion {
  const at = `2026-03-01T10:${String(minute).padStart(2, '0')}:00.000Z`;
  return { tenant, datasetId: seed === null ? null : idOf('ds', 0, seed), askedAt: at, dueAt: at };
}

describe('deletions', () => {
  it('are listed once they are due, the longest first, those of whole tenants too', async () => {
    const all = [build('b', 20), build('a', 10), build(null, 15, 'beta'), build('c', 40)];
    for (const deletion of all) await store.put(deletion);
    expect(await store.listDue('2026-03-01T10:09:59.999Z', 10)).toEqual([]);
    expect(await store.listDue(all[0]!.dueAt, 10)).toEqual([all[1], all[2], all[0]]);
    expect(await store.listDue(all[3]!.dueAt, 2)).toEqual([all[1], all[2]]);
    for (const deletion of all) await store.settle(deletion, null);
    expect(await store.listDue(all[3]!.dueAt, 10)).toEqual([]);
  });

  it('are put off, and only one of each dataset is there', async () => {
    const first = build('again', 1);
    await store.put(first);
    const later = '2026-03-01T11:00:00.000Z';
    expect(await store.settle(first, { ...first, dueAt: later })).toBe(true);
    expect(await store.listDue('2026-03-01T10:59:59.999Z', 10)).toEqual([]);
    expect(await store.listDue(later, 10)).toEqual([{ ...first, dueAt: later }]);
    const second = build('again', 30);
    await store.put(second);
    expect(await store.listDue(later, 10)).toEqual([second]);
    expect(await store.settle(first, null)).toBe(false);
    expect(await store.settle({ ...first, dueAt: later }, null)).toBe(false);
    expect(await store.listDue(later, 10)).toEqual([second]);
    await store.settle(second, null);
  });

  it('are the same in whatever order their parts come, and remember how far a look has come', async () => {
    const first = build('parts', 2);
    const look = { found: 3, position: 'there', beganAt: first.askedAt };
    const { tenant, ...rest } = first;
    await store.put({ ...rest, foundAt: first.askedAt, look, tenant });
    const [stored] = await store.listDue(first.dueAt, 10);
    expect(stored).toEqual({ ...first, look, foundAt: first.askedAt });
    expect(await store.settle({ look, tenant, ...rest, foundAt: first.askedAt }, null)).toBe(true);
    expect(await store.listDue(first.dueAt, 10)).toEqual([]);
  });

  it('are none of the jobs that are looked after', async () => {
    await store.put(build('x', 1));
    const clock = { now: () => Date.parse('2026-03-01T12:00:00.000Z') };
    const jobs = createDynamoJobStore({ ...table, clock, keepSeconds: 60 });
    for (const watch of ['upload', 'work', 'event', 'alert', 'result'] as const)
      expect(await jobs.listStale(watch, '2026-03-02T00:00:00.000Z', 10)).toEqual([]);
    expect(await jobs.list({ tenant: 'acme', before: null, since: '', limit: 10 })).toEqual([]);
  });
});
