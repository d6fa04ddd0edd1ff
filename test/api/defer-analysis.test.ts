import { describe, expect, it } from 'vitest';
import { deferAnalysis } from '../../lambdas/api/defer-analysis.ts';
import { analyzeRequestSchema } from '../../lambdas/contracts/api/analyze.ts';
import { jobAnswerSchema } from '../../lambdas/contracts/api/jobs.ts';
import type { Job } from '../../lambdas/contracts/job.ts';
import { parseUploadKey } from '../../lambdas/contracts/object-keys.ts';
import type { ApiRequest } from '../../lambdas/http/exchange.ts';
import { acceptUpload } from '../../lambdas/pipeline/accept-upload.ts';
import { planUpload } from '../../lambdas/pipeline/plan-upload.ts';
import { json, requestFor } from '../http/requests.ts';
import { contextOver } from '../simulation/ports.ts';
import { createServices, NOW } from './services.ts';

const items = Array.from({ length: 40 }, (_, i) => ({
  id: 'UGC v3',
  day: new Date(Date.UTC(2025, 0, 1 + i)).toISOString().slice(0, 10),
  impressions: 20_000,
  clicks: 600,
  spend: 100,
}));
const content = { datasetName: 'Spring UK', currency: 'GBP', parameters: { detector: 'shape' }, items };

function setUp() {
  const world = createServices();
  const defer = (changes: Partial<ApiRequest> = {}, body: object = content) => {
    const request = requestFor('analyze', {
      body: json(body),
      headers: { prefer: 'respond-async' },
      ...changes,
    });
    return deferAnalysis(world.services, request, analyzeRequestSchema.parse(body));
  };
  return { ...world, defer };
}

const only = (jobs: ReadonlyMap<string, Job>): Job => {
  expect(jobs.size).toBe(1);
  return [...jobs.values()][0]!;
};

describe('a request that becomes a job', () => {
  it('is kept where uploads go, and answered with its job', async () => {
    const { defer, store } = setUp();
    const { status, headers, body } = await defer({ path: '/v1/api/analyze' });
    const job = only(store.jobs);
    expect(status).toBe(202);
    expect(headers).toMatchObject({
      Location: `/v1/api/jobs/${job.id}`,
      'Retry-After': '1',
      'Preference-Applied': 'respond-async',
    });
    expect(jobAnswerSchema.parse(body)).toMatchObject({ id: job.id, source: 'request' });
    expect(job).toMatchObject({
      state: 'AWAITING_UPLOAD',
      dataset: { name: 'Spring UK' },
      hints: { currency: 'GBP' },
      parameters: { detector: 'shape' },
    });
    expect(parseUploadKey(job.source.key)).toEqual({
      tenant: 'acme',
      dataset: job.dataset.id,
      jobId: job.id,
      fileName: 'request.json',
    });
    expect(store.find({ key: job.source.key, versionId: null })?.bytes).toEqual(json(content));
  });

  it('is started by the arrival of its body, and done by the pipeline', async () => {
    const { defer, store } = setUp();
    await defer();
    const { source } = only(store.jobs);
    const context = contextOver({ store, now: () => NOW, send: () => undefined });
    const object = store.find({ key: source.key, versionId: null })!.info;
    const upload = { ...object, type: 'uploaded', at: NOW } as const;
    const plan = await acceptUpload(context, upload);
    if (typeof plan === 'string') throw new Error(plan);
    await planUpload(context, plan);
    expect(only(store.jobs)).toMatchObject({ state: 'SUCCEEDED', totals: { items: 1, analysed: 1 } });
  });

  it('is one job when the same bytes come again meanwhile, and another for other bytes or another tenant', async () => {
    const { defer, store } = setUp();
    await Promise.all([defer(), defer({ requestId: 'req_2' }), defer({ requestId: 'req_3' })]);
    only(store.jobs);
    await defer({}, { ...content, currency: 'EUR' });
    const caller = { tenant: 'other', tokenId: 'tok_2', scopes: ['write'], requestsPerMinute: 10 } as const;
    await defer({ caller });
    expect(store.jobs.size).toBe(3);
    expect(store.violations).toEqual([]);
  });

  it('does not join a job that has failed', async () => {
    const { defer, store } = setUp();
    await defer();
    const [key, job] = [...store.jobs][0]!;
    store.jobs.set(key, { ...job, state: 'CANCELLED' });
    await defer({ requestId: 'req_2' });
    expect([...store.jobs.values()].map(({ state }) => state).sort()).toEqual([
      'AWAITING_UPLOAD',
      'CANCELLED',
    ]);
  });

  it('gives requests of one name one dataset', async () => {
    const { defer, store } = setUp();
    await defer();
    await defer({}, { ...content, items: items.slice(1) });
    await defer({}, { items });
    const datasets = new Set([...store.jobs.values()].map(({ dataset }) => dataset.id));
    expect([store.jobs.size, datasets.size]).toEqual([3, 2]);
  });

  it('is waited for as long as is asked for, and no longer', async () => {
    const { defer, store, onPause, pauses } = setUp();
    onPause((pause) => {
      const [key, job] = [...store.jobs][0]!;
      if (pause === 3) store.jobs.set(key, { ...job, state: 'SUCCEEDED' });
    });
    const done = await defer({ headers: { prefer: 'wait=5' } });
    expect([done.status, pauses()]).toEqual([200, 3]);
    expect(done.headers).toMatchObject({ 'Preference-Applied': 'wait=5' });
    const late = await defer({ headers: { prefer: 'wait=1' } }, { ...content, currency: 'EUR' });
    expect([late.status, pauses()]).toEqual([202, 7]);
  });
});
