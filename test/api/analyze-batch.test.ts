import { describe, expect, it } from 'vitest';
import { analyzeBatch } from '../../lambdas/api/analyze-batch.ts';
import { batchAnswerSchema } from '../../lambdas/contracts/api/batch.ts';
import { AnalysisError } from '../../lambdas/domain/errors.ts';
import { Problem } from '../../lambdas/http/problem.ts';
import { json, requestFor } from '../http/requests.ts';
import { createServices } from './services.ts';

const KEY = 'uploads/acme/ds_1/export.csv';
const ITEMS = [{ id: 'a', day: '2026-01-01', impressions: 10, clicks: 1 }];

function submit(cloud: ReturnType<typeof createServices>, body: object) {
  return analyzeBatch(cloud.services, requestFor('analyzeBatch', { body: json(body) }));
}

async function refusalOf(answer: Promise<unknown>): Promise<string> {
  return answer.then(
    () => 'accepted',
    (error: unknown) =>
      error instanceof Problem || error instanceof AnalysisError ? error.code : String(error),
  );
}

describe('a batch', () => {
  it('is a job for each dataset, in order, of files and of observations', async () => {
    const cloud = createServices();
    const { versionId } = cloud.store.put(KEY, new Uint8Array(5));
    const response = await submit(cloud, {
      datasets: [
        { name: 'Spring', key: KEY, currency: 'EUR', parameters: { detector: 'shape' } },
        { datasetName: 'Summer', items: ITEMS },
        { dataset_name: 'Autumn', columns: { id: ['a'] } },
      ],
    });
    expect(response.status).toBe(202);
    const { jobs } = batchAnswerSchema.parse(response.body);
    expect(jobs.map(({ dataset }) => dataset.name)).toEqual(['Spring', 'Summer', 'Autumn']);
    const stored = jobs.map(({ id }) => cloud.store.get({ tenant: 'acme', jobId: id }));
    expect(stored[0]).toMatchObject({
      state: 'PENDING',
      source: { key: KEY, versionId, bytes: 5 },
      hints: { currency: 'EUR' },
      parameters: { detector: 'shape' },
    });
    expect(JSON.parse(cloud.store.text(stored[1]?.source.key ?? '') ?? '')).toEqual({ items: ITEMS });
    expect(JSON.parse(cloud.store.text(stored[2]?.source.key ?? '') ?? '')).toEqual({
      columns: { id: ['a'] },
    });
    expect(cloud.sent.map((message) => message.jobId)).toEqual(jobs.map(({ id }) => id));
    expect(jobs[0]?.links.self).toBe(`/api/jobs/${jobs[0]?.id}`);
  });

  it.each([
    ['no datasets', { datasets: [] }],
    ['too many', { datasets: Array.from({ length: 1001 }, () => ({ name: 'x', key: KEY })) }],
    ['neither file nor observations', { datasets: [{ name: 'x' }] }],
    [
      'a file that is not there',
      {
        datasets: [
          { datasetName: 'x', items: ITEMS },
          { name: 'x', key: `${KEY}2` },
        ],
      },
    ],
    ['a file of another tenant', { datasets: [{ name: 'x', key: 'uploads/other/ds_1/export.csv' }] }],
  ])('with %s is refused, and makes no job', async (_, body) => {
    const cloud = createServices();
    for (const key of [KEY, 'uploads/other/ds_1/export.csv']) cloud.store.put(key, new Uint8Array(5));
    expect(await refusalOf(submit(cloud, body))).toBe('invalid_request');
    expect(cloud.store.jobs.size).toBe(0);
  });

  it('of more than 4 MiB is refused', async () => {
    const body = { datasets: [{ datasetName: 'x', items: ['a'.repeat(2 ** 22)] }] };
    expect(await refusalOf(submit(createServices(), body))).toBe('dataset_too_large');
  });
});
