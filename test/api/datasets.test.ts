import { describe, expect, it } from 'vitest';
import { analyzeDataset } from '../../lambdas/api/analyze-dataset.ts';
import { deleteDataset, listDatasets, updateDataset } from '../../lambdas/api/datasets.ts';
import { datasetAnswerSchema, datasetPageSchema } from '../../lambdas/contracts/api/datasets.ts';
import { jobAnswerSchema } from '../../lambdas/contracts/api/jobs.ts';
import type { Job } from '../../lambdas/contracts/job.ts';
import { CALLER, requestFor } from '../http/requests.ts';
import { about, addPortfolio, announce, arrive, refusalOf, requests, SMALL } from './announcements.ts';
import { createServices, NOW } from './services.ts';

describe('datasets', () => {
  it('are renamed and moved', async () => {
    const cloud = createServices();
    const { dataset } = await announce(cloud, SMALL);
    const update = async (body: object) =>
      datasetAnswerSchema.parse(
        (await updateDataset(cloud.services, about('updateDataset', dataset.id, body))).body,
      );
    const portfolioId = 'pf_01KA0000000000000000000000';
    expect(await update({ name: 'Autumn' })).toMatchObject({ name: 'Autumn', portfolioId: null });
    expect(await refusalOf(update({ portfolioId }))).toBe('invalid_request');
    await addPortfolio(cloud, portfolioId);
    expect(await update({ portfolioId })).toMatchObject({ name: 'Autumn', portfolioId });
    expect(await update({ portfolioId: null })).toMatchObject({ portfolioId: null });
    expect(await refusalOf(update({}))).toBe('invalid_request');
    expect(await refusalOf(update({ portfolioId: 'uk' }))).toBe('invalid_request');
  });

  it('are deleted: noted first, then gone from lists', async () => {
    const cloud = createServices();
    const { dataset } = await announce(cloud, SMALL);
    const remove = (caller = CALLER) =>
      deleteDataset(cloud.services, about('deleteDataset', dataset.id, {}, caller));
    expect(await refusalOf(remove({ ...CALLER, tenant: 'other' }))).toBe('not_found');
    const stuck = {
      ...cloud.services,
      datasets: { ...cloud.services.datasets, remove: () => Promise.reject(new Error()) },
    };
    await expect(deleteDataset(stuck, about('deleteDataset', dataset.id))).rejects.toThrow();
    const at = new Date(NOW).toISOString();
    expect(cloud.deletions).toEqual([{ tenant: 'acme', datasetId: dataset.id, askedAt: at, dueAt: at }]);
    expect(await remove()).toEqual({ status: 202 });
    expect(cloud.deletions).toHaveLength(2);
    expect(await refusalOf(remove())).toBe('not_found');
    const again = await announce(cloud, SMALL);
    expect(again.dataset).toMatchObject({ id: dataset.id, versions: [{ version: 1 }] });
  });

  it('are deleted with a version that was announced meanwhile', async () => {
    const cloud = createServices();
    const { dataset } = await announce(cloud, SMALL);
    const { datasets } = cloud.services;
    let calls = 0;
    const busy: typeof datasets = {
      ...datasets,
      async remove(known) {
        if (++calls === 1) await announce(cloud, SMALL);
        return datasets.remove(known);
      },
    };
    const services = { ...cloud.services, datasets: busy };
    await deleteDataset(services, about('deleteDataset', dataset.id));
    expect([calls, cloud.deletions.length]).toEqual([2, 2]);
    expect(await datasets.list('acme', 10)).toEqual([]);
  });

  it('are listed page by page, filtered', async () => {
    const cloud = createServices();
    const names = ['alpha', 'beta', 'Alphabet', 'gamma'];
    const portfolioId = 'pf_01KA0000000000000000000000';
    const elsewhere = announce(cloud, { ...SMALL, name: 'beta', portfolioId });
    expect(await refusalOf(elsewhere)).toBe('invalid_request');
    await addPortfolio(cloud, portfolioId);
    for (const name of names)
      await announce(cloud, { ...SMALL, name, ...(name === 'beta' && { portfolioId }) });
    const list = async (query: Record<string, string[]>) =>
      datasetPageSchema.parse(
        (await listDatasets(cloud.services, requestFor('listDatasets', { query }))).body,
      );
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Awaited<ReturnType<typeof list>> = await list({
        limit: ['3'],
        ...(cursor && { cursor: [cursor] }),
      });
      expect(page.page.total).toBe(4);
      seen.push(...page.data.map(({ name }) => name));
      cursor = page.page.next;
    }
    expect(seen.toSorted()).toEqual(names.toSorted());
    expect((await list({ q: ['ALPHA'] })).data).toHaveLength(2);
    expect((await list({ portfolio: [portfolioId] })).data.map(({ name }) => name)).toEqual(['beta']);
  });
});

describe('analysing a dataset again', () => {
  it('reads what the first analysis read, with other parameters', async () => {
    const cloud = createServices();
    const { dataset, job } = await announce(cloud, SMALL);
    await arrive(cloud, job.id);
    const pinned = cloud.store.get({ tenant: 'acme', jobId: job.id })!.source;
    cloud.store.put(pinned.key, new Uint8Array(7));
    const body = { parameters: { detector: 'shape' }, dayFormat: 'DD/MM/YYYY' };
    const response = await analyzeDataset(cloud.services, about('analyzeDataset', dataset.id, body));
    const again = jobAnswerSchema.parse(response.body);
    expect([response.status, response.headers?.['Location']]).toEqual([202, `/api/jobs/${again.id}`]);
    expect(again).toMatchObject({
      state: 'PENDING',
      parameters: { detector: 'shape' },
      dataset: { version: 1, over: 'version' },
    });
    const stored = cloud.store.get({ tenant: 'acme', jobId: again.id });
    // It would take the days of newer uploads.
    expect(stored?.history).toBeUndefined();
    expect(stored).toMatchObject({ source: pinned, hints: { dayFormat: 'DD/MM/YYYY' } });
    expect(cloud.sent).toEqual([
      { type: 'plan', tenant: 'acme', jobId: again.id, run: 1, requestId: `req_${requests}` },
    ]);
  });

  it('reads all that its uploads add up to, once a worker has written that down', async () => {
    const cloud = createServices();
    const { dataset, job } = await announce(cloud, SMALL);
    expect(cloud.store.get({ tenant: 'acme', jobId: job.id })).toMatchObject({ history: 'adds' });
    const body = { over: 'history', parameters: { detector: 'shape' } };
    const response = await analyzeDataset(cloud.services, about('analyzeDataset', dataset.id, body));
    const over = jobAnswerSchema.parse(response.body);
    expect(over).toMatchObject({
      state: 'PENDING',
      parameters: { detector: 'shape' },
      dataset: { id: dataset.id, version: null, over: 'history', bytes: null },
    });
    const stored = cloud.store.get({ tenant: 'acme', jobId: over.id });
    const key = `payloads/acme/${over.id}/1/history.csv`;
    expect(stored).toMatchObject({ history: 'covers', source: { key, etag: null } });
    expect(cloud.sent).toEqual([
      { type: 'plan', tenant: 'acme', jobId: over.id, run: 1, requestId: `req_${requests}` },
    ]);
    const again = await analyzeDataset(
      cloud.services,
      about('analyzeDataset', dataset.id, { over: 'history', version: 1 }),
    ).catch((problem: unknown) => problem);
    expect(again).toMatchObject({ code: 'invalid_request' });
  });

  it('uses the last analysis over the history again that had the same parameters and is kept', async () => {
    const cloud = createServices();
    const { dataset } = await announce(cloud, SMALL);
    const plan = { kind: 'stream', bytes: 1, shards: 3 } as const;
    const ask = async (parameters: object) => {
      const body = { over: 'history', parameters };
      const answer = await analyzeDataset(cloud.services, about('analyzeDataset', dataset.id, body));
      return cloud.store.get({ tenant: 'acme', jobId: jobAnswerSchema.parse(answer.body).id })!;
    };
    const end = (job: Job, set: Partial<Job>) =>
      cloud.store.jobs.set(`acme/${job.id}`, {
        ...job,
        state: 'SUCCEEDED',
        plan,
        resultExpiresAt: new Date(NOW + 1).toISOString(),
        ...set,
      });
    const first = await ask({});
    expect(first.reuses).toBeUndefined();
    end(first, { run: 2 });
    const reuses = { jobId: first.id, run: 2, shards: 3 };
    expect((await ask({})).reuses).toEqual(reuses);
    // Says what is so anyway.
    expect((await ask({ detector: 'level' })).reuses).toEqual(reuses);
    expect((await ask({ minDays: 31 })).reuses).toBeUndefined();
    for (const set of [
      { state: 'FAILED' },
      { plan: null },
      { resultExpiresAt: new Date(NOW).toISOString() },
      { deletedAt: first.createdAt },
    ] as const) {
      end(first, set);
      expect((await ask({})).reuses).toBeUndefined();
    }
    end(first, {});
    for (let i = 0; i < 10; i++) await ask({ minDays: 40 + i });
    expect((await ask({})).reuses).toBeUndefined();
  });

  it('is not over a history that its newest upload is just joining', async () => {
    const cloud = createServices();
    const { dataset, job } = await announce(cloud, SMALL);
    const stored = cloud.store.get({ tenant: 'acme', jobId: job.id })!;
    const set = (joined: boolean) =>
      cloud.store.jobs.set(`acme/${job.id}`, { ...stored, state: 'SUCCEEDED', stored: true, joined });
    const ask = () =>
      analyzeDataset(cloud.services, about('analyzeDataset', dataset.id, { over: 'history' }));
    set(false);
    expect(await refusalOf(ask())).toBe('not_ready');
    expect(cloud.sent).toEqual([]);
    set(true);
    expect((await ask()).status).toBe(202);
  });

  it('needs a file that is there', async () => {
    const cloud = createServices();
    const { dataset, job } = await announce(cloud, SMALL);
    const analyze = (body: object = {}) =>
      analyzeDataset(cloud.services, about('analyzeDataset', dataset.id, body));
    expect(await refusalOf(analyze())).toBe('not_ready');
    await arrive(cloud, job.id);
    cloud.store.objects.clear();
    expect(await refusalOf(analyze())).toBe('result_expired');
    expect(await refusalOf(analyze({ version: 2 }))).toBe('not_found');
  });
});
