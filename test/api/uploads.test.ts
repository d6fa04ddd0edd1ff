import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyzeDataset } from '../../lambdas/api/analyze-dataset.ts';
import { getDataset, updateDataset } from '../../lambdas/api/datasets.ts';
import { abortUpload, completeUpload, listParts, presignParts } from '../../lambdas/api/uploads.ts';
import {
  arrivedPartsSchema,
  datasetAnswerSchema,
  MAX_UPLOAD_BYTES,
  presignedPartsSchema,
} from '../../lambdas/contracts/api/datasets.ts';
import { jobAnswerSchema } from '../../lambdas/contracts/api/jobs.ts';
import { partsOf } from '../../lambdas/domain/job/part-size.ts';
import { CALLER } from '../http/requests.ts';
import { about, announce, arrive, LARGE, MIB, refusalOf, requests, SMALL } from './announcements.ts';
import { createServices } from './services.ts';

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
