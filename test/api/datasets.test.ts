import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyzeDataset } from '../../lambdas/api/analyze-dataset.ts';
import { createDataset } from '../../lambdas/api/create-dataset.ts';
import { deleteDataset, getDataset, listDatasets, updateDataset } from '../../lambdas/api/datasets.ts';
import { abortUpload, completeUpload, listParts, presignParts } from '../../lambdas/api/uploads.ts';
import {
  arrivedPartsSchema,
  createdDatasetSchema,
  datasetAnswerSchema,
  datasetPageSchema,
  MAX_UPLOAD_BYTES,
  presignedPartsSchema,
} from '../../lambdas/contracts/api/datasets.ts';
import { jobAnswerSchema } from '../../lambdas/contracts/api/jobs.ts';
import type { Job } from '../../lambdas/contracts/job.ts';
import type { OperationId } from '../../lambdas/contracts/routes.ts';
import { partsOf } from '../../lambdas/domain/job/part-size.ts';
import { Problem } from '../../lambdas/http/problem.ts';
import { acceptUpload } from '../../lambdas/pipeline/accept-upload.ts';
import { CALLER, json, requestFor } from '../http/requests.ts';
import { contextOver } from '../simulation/ports.ts';
import { createServices, NOW } from './services.ts';

const MIB = 2 ** 20;
const SMALL = { name: 'Spring UK', filename: 'spring.csv', bytes: 1000 };
const LARGE = { ...SMALL, bytes: 64 * MIB + 1 };
type Cloud = ReturnType<typeof createServices>;

let requests = 0;
async function announce(cloud: Cloud, body: object, caller = CALLER) {
  const requestId = `req_${++requests}`;
  const response = await createDataset(
    cloud.services,
    requestFor('createDataset', { body: json(body), caller, requestId }),
  );
  return { ...response, ...createdDatasetSchema.parse(response.body) };
}

function about(operation: OperationId, datasetId: string, body: object = {}, caller = CALLER) {
  const requestId = `req_${++requests}`;
  return requestFor(operation, { parameters: { datasetId }, body: json(body), caller, requestId });
}

async function addPortfolio({ portfolios }: Cloud, id: string): Promise<void> {
  const at = new Date(NOW).toISOString();
  const { revision, portfolios: others } = await portfolios.read('acme');
  const added = { id, name: id, createdAt: at, updatedAt: at };
  await portfolios.replace({ tenant: 'acme', revision: revision + 1, portfolios: [...others, added] });
}

async function refusalOf(answer: Promise<unknown>): Promise<string> {
  return answer.then(
    () => 'accepted',
    (error: unknown) => (error instanceof Problem ? error.code : String(error)),
  );
}

/** What the pipeline hears when a file arrives. */
async function arrive(cloud: Cloud, jobId: string) {
  const job = cloud.store.get({ tenant: 'acme', jobId })!;
  const { key, versionId, etag, bytes } = cloud.store.put(
    job.source.key,
    new Uint8Array(job.source.bytes ?? 0),
  );
  const context = contextOver({ store: cloud.store, now: () => NOW, send: () => undefined });
  return acceptUpload(context, { type: 'uploaded', key, versionId, etag, bytes, at: NOW });
}

describe('announcing an upload', () => {
  it('makes a dataset, and a job that waits for the file', async () => {
    const cloud = createServices();
    const parameters = { detector: 'level' };
    const { status, headers, dataset, job, upload } = await announce(cloud, {
      ...SMALL,
      parameters,
      currency: 'EUR',
    });
    expect(status).toBe(201);
    expect(headers?.['Location']).toBe(`/api/datasets/${dataset.id}`);
    expect(job).toMatchObject({
      state: 'AWAITING_UPLOAD',
      source: 'upload',
      parameters,
      dataset: { id: dataset.id, name: 'Spring UK', version: 1, bytes: 1000 },
    });
    const stored = cloud.store.get({ tenant: 'acme', jobId: job.id });
    expect(stored?.hints).toEqual({ currency: 'EUR' });
    expect(stored?.source.key).toBe(`uploads/acme/${dataset.id}/${job.id}/spring.csv`);
    expect(upload).toMatchObject({ kind: 'single', method: 'PUT' });
    expect(cloud.uploads.promises.get(stored?.source.key ?? '')).toEqual({
      bytes: 1000,
      contentType: 'text/csv',
      sha256: null,
    });
  });

  it('is what the pipeline starts by when the file arrives', async () => {
    const cloud = createServices();
    const { job } = await announce(cloud, SMALL);
    expect(await arrive(cloud, job.id)).toMatchObject({ type: 'plan', jobId: job.id });
    expect(cloud.store.get({ tenant: 'acme', jobId: job.id })?.state).toBe('PENDING');
  });

  it('under the same name is the next version, also at the same time', async () => {
    const cloud = createServices();
    const created = await Promise.all(Array.from({ length: 5 }, () => announce(cloud, SMALL)));
    expect(new Set(created.map(({ dataset }) => dataset.id)).size).toBe(1);
    expect(created.map(({ job }) => job.dataset.version).toSorted()).toEqual([1, 2, 3, 4, 5]);
    const { body } = await getDataset(cloud.services, about('getDataset', created[0]!.dataset.id));
    expect(datasetAnswerSchema.parse(body).versions.map(({ version }) => version)).toEqual([5, 4, 3, 2, 1]);
    const other = await announce(cloud, SMALL, { ...CALLER, tenant: 'other' });
    expect(other.dataset.versions).toHaveLength(1);
  });

  it('hands the digest on as S3 wants it', async () => {
    const cloud = createServices();
    await announce(cloud, { ...SMALL, sha256: 'ff'.repeat(32) });
    expect([...cloud.uploads.promises.values()][0]?.sha256).toBe(Buffer.alloc(32, 0xff).toString('base64'));
  });

  it.each([
    [{ ...SMALL, bytes: 64 * MIB }, 'single'],
    [LARGE, 'multipart'],
  ])('of %j is sent as %s', async (body, kind) => {
    expect((await announce(createServices(), body)).upload.kind).toBe(kind);
  });

  it.each([
    { ...SMALL, filename: '../x.csv' },
    { ...SMALL, filename: '..' },
    { ...SMALL, filename: 'a/b.csv' },
    { ...SMALL, filename: 'a\nb.csv' },
    { ...SMALL, bytes: 0 },
    { ...SMALL, bytes: MAX_UPLOAD_BYTES + 1 },
    { ...SMALL, name: ' ' },
    { ...SMALL, parameters: { windowSize: 1 } },
    { ...SMALL, contentType: 'text/csv\r\nx: y' },
    { ...LARGE, sha256: 'ff'.repeat(32) },
    { ...SMALL, colour: 'red' },
    {},
  ])('refuses %j', async (body) => {
    const cloud = createServices();
    expect(await refusalOf(announce(cloud, body))).toBe('invalid_request');
    expect(cloud.store.jobs.size).toBe(0);
  });
});

describe('the parts of an upload', () => {
  it('are as small as their number allows, and all of the file', () => {
    fc.assert(
      fc.property(fc.integer({ min: 64 * MIB + 1, max: MAX_UPLOAD_BYTES }), (bytes) => {
        const { partBytes, parts } = partsOf(bytes);
        expect(parts).toBeLessThanOrEqual(10_000);
        expect((parts - 1) * partBytes).toBeLessThan(bytes);
        expect(parts * partBytes).toBeGreaterThanOrEqual(bytes);
        expect([16, 64, 128]).toContain(partBytes / MIB);
      }),
    );
    expect(partsOf(140 * 1024 * MIB).partBytes).toBe(16 * MIB);
    expect(partsOf(141 * 1024 * MIB).partBytes).toBe(64 * MIB);
  });

  it('are signed for their own bytes', async () => {
    const { services, ...cloud } = createServices();
    const { dataset, upload } = await announce({ services, ...cloud }, LARGE);
    expect(upload).toMatchObject({ partBytes: 16 * MIB, parts: 5 });
    const sign = (body: object) => presignParts(services, about('presignParts', dataset.id, body));
    const { parts } = presignedPartsSchema.parse((await sign({ from: 4, to: 5 })).body);
    expect(parts.map(({ url }) => url.replace(/.*&part/, 'part'))).toEqual([
      `partNumber=4&bytes=${16 * MIB}`,
      'partNumber=5&bytes=1',
    ]);
    for (const body of [
      { from: 5, to: 6 },
      { from: 2, to: 1 },
      { from: 0, to: 1 },
      { from: 1, to: 201 },
    ])
      expect(await refusalOf(sign(body))).toBe('invalid_request');
  });

  it('are put together once all are there, each of its size', async () => {
    const cloud = createServices();
    const { dataset, job } = await announce(cloud, LARGE);
    const complete = () => completeUpload(cloud.services, about('completeUpload', dataset.id));
    for (let part = 1; part <= 4; part++) cloud.uploads.arrive('upload-1', part, 16 * MIB);
    expect(await refusalOf(complete())).toBe('invalid_request');
    cloud.uploads.arrive('upload-1', 5, 2);
    expect(await refusalOf(complete())).toBe('invalid_request');
    cloud.uploads.arrive('upload-1', 5, 1);
    const listed = await listParts(cloud.services, about('listParts', dataset.id));
    expect(arrivedPartsSchema.parse(listed.body).parts).toHaveLength(5);
    const { status, headers, body } = await complete();
    expect([status, headers?.['Location']]).toEqual([202, `/api/jobs/${job.id}`]);
    expect(jobAnswerSchema.parse(body).id).toBe(job.id);
    // Said again, it is as done as before.
    expect((await complete()).status).toBe(202);
    expect(await refusalOf(listParts(cloud.services, about('listParts', dataset.id)))).toBe('not_found');
  });

  it('are given up with their job', async () => {
    const cloud = createServices();
    const { dataset, job } = await announce(cloud, LARGE);
    expect((await abortUpload(cloud.services, about('abortUpload', dataset.id))).status).toBe(204);
    expect(cloud.uploads.multipart.size).toBe(0);
    expect(cloud.store.get({ tenant: 'acme', jobId: job.id })?.state).toBe('CANCELLING');
    // The job is that of the request that announced it, whoever stops it.
    const { requestId } = cloud.store.get({ tenant: 'acme', jobId: job.id }) ?? {};
    expect(requestId).toBe(`req_${requests - 1}`);
    expect(cloud.sent).toEqual([{ type: 'cancel', tenant: 'acme', jobId: job.id, requestId }]);
  });

  it('are none of a file that is sent in one request', async () => {
    const cloud = createServices();
    const { dataset } = await announce(cloud, SMALL);
    const request = about('completeUpload', dataset.id, { from: 1, to: 1 });
    for (const verb of [presignParts, listParts, completeUpload])
      expect(await refusalOf(verb(cloud.services, request))).toBe('invalid_request');
  });

  it('and all else of a dataset are nothing to another tenant', async () => {
    const cloud = createServices();
    const { dataset } = await announce(cloud, LARGE);
    const request = about('getDataset', dataset.id, { from: 1, to: 1 }, { ...CALLER, tenant: 'other' });
    for (const verb of [getDataset, presignParts, listParts, completeUpload, abortUpload])
      expect(await refusalOf(verb(cloud.services, request))).toBe('not_found');
    const foreign = { ...CALLER, tenant: 'other' };
    const rename = about('updateDataset', dataset.id, { name: 'x' }, foreign);
    expect(await refusalOf(updateDataset(cloud.services, rename))).toBe('not_found');
    const again = about('analyzeDataset', dataset.id, {}, foreign);
    expect(await refusalOf(analyzeDataset(cloud.services, again))).toBe('not_found');
    expect(cloud.uploads.multipart.size).toBe(1);
  });
});

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
