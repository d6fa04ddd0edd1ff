import { describe, expect, it } from 'vitest';
import { createDynamoDatasetStore } from '../../lambdas/adapters/dynamodb-dataset-store.ts';
import type { Dataset } from '../../lambdas/contracts/dataset.ts';
import { idOf } from '../../lambdas/domain/job/job-id.ts';
import { newJobId } from './jobs.ts';
import { startJobsTable } from './jobs-table.ts';

const table = await startJobsTable();
const store = createDynamoDatasetStore(table.client, table.name);
const at = '2026-03-01T10:00:00.000Z';

function build(seed: string, changes: Partial<Dataset> = {}): Dataset {
  const upload = {
    jobId: newJobId(),
    key: 'uploads/acme/x',
    fileName: 'x',
    bytes: 1,
    createdAt: at,
    multipart: null,
  };
  return {
    id: idOf('ds', 0, seed),
    tenant: 'acme',
    revision: 1,
    name: seed,
    portfolioId: null,
    createdAt: at,
    updatedAt: at,
    versions: [{ version: 1, ...upload }],
    ...changes,
  };
}

describe('a dataset', () => {
  it('is created once, and found by its tenant alone', async () => {
    const dataset = build('spring');
    const ref = { tenant: 'acme', datasetId: dataset.id };
    expect(await store.get(ref)).toBeNull();
    expect(await store.create(dataset)).toBe('created');
    expect(await store.create({ ...dataset, name: 'other' })).toBe('exists');
    expect(await store.get(ref)).toEqual(dataset);
    expect(await store.get({ ...ref, tenant: 'other' })).toBeNull();
  });

  it('is replaced by whoever saw it last, and by nobody else', async () => {
    const dataset = build('summer');
    await store.create(dataset);
    const contenders = ['a', 'b', 'c', 'd'].map((name) => ({ ...dataset, revision: 2, name }));
    const outcomes = await Promise.all(contenders.map((contender) => store.replace(contender)));
    expect(outcomes.filter((outcome) => outcome === 'replaced')).toHaveLength(1);
    const found = await store.get({ tenant: 'acme', datasetId: dataset.id });
    expect(found).toEqual(contenders[outcomes.indexOf('replaced')]);
    expect(await store.replace(build('never', { revision: 2 }))).toBe('conflict');
  });

  it('is removed as it was seen, and may be made again', async () => {
    const dataset = build('winter');
    const ref = { tenant: 'acme', datasetId: dataset.id };
    await store.create(dataset);
    await store.replace({ ...dataset, revision: 2 });
    expect([await store.remove(dataset), (await store.get(ref))?.revision]).toEqual(['conflict', 2]);
    expect([await store.remove({ ...dataset, revision: 2 }), await store.get(ref)]).toEqual([
      'removed',
      null,
    ]);
    expect(await store.remove(dataset)).toBe('removed');
    expect(await store.create(dataset)).toBe('created');
  });

  it('is listed with the others of its tenant', async () => {
    const own = ['x', 'y', 'z'].map((seed) => build(seed, { tenant: 'lists' }));
    for (const dataset of [...own, build('x', { tenant: 'lists-2' })]) await store.create(dataset);
    const ids = (datasets: readonly Dataset[]) => datasets.map(({ id }) => id).toSorted();
    expect(ids(await store.list('lists', 10))).toEqual(ids(own));
    expect(await store.list('lists', 2)).toHaveLength(2);
    expect(await store.list('nobody', 2)).toEqual([]);
  });
});
