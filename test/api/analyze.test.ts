import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createMemoryCache } from '../../lambdas/adapters/cache/memory-cache.ts';
import { analyzeObservations } from '../../lambdas/api/analyze.ts';
import { createReadThrough } from '../../lambdas/api/cache/read-through.ts';
import { ROUTES } from '../../lambdas/contracts/routes.ts';
import type { ApiRequest } from '../../lambdas/http/exchange.ts';
import { analyze, parseParameters, readDataset, serializeDocument } from '../../lambdas/index.ts';

const route = ROUTES.find(({ operationId }) => operationId === 'analyze')!;

function requestOf(body: unknown, headers: Record<string, string> = {}, tenant = 'acme'): ApiRequest {
  return {
    route,
    caller: { tenant, tokenId: 'tok_1', scopes: ['write'], requestsPerMinute: 1200 },
    requestId: 'req_1',
    path: '/api/analyze',
    parameters: {},
    query: {},
    headers,
    body: body instanceof Uint8Array ? body : new TextEncoder().encode(JSON.stringify(body)),
    deadline: Date.now() + 1000,
  };
}

function services() {
  const clock = { now: Date.now };
  const metrics = { count: () => undefined, seconds: () => undefined };
  const answers = createReadThrough({ cache: createMemoryCache(clock), clock, metrics, random: () => 0 });
  return { answers, defer: async () => ({ status: 202 }) };
}

/** A creative whose CTR falls by half after 40 of 80 days. */
const observations = Array.from({ length: 80 }, (_, i) => ({
  id: 'UGC v3',
  day: new Date(Date.UTC(2025, 0, 1 + i)).toISOString().slice(0, 10),
  impressions: 20_000,
  clicks: i < 40 ? 600 : 300,
  spend: 100,
}));
const decode = (body: unknown) => gunzipSync(body as Uint8Array).toString();

describe('POST /api/analyze', () => {
  it('answers a small request with the bytes that the engine gives', async () => {
    const items = [...observations, { ...observations[0], id: 'New' }];
    const response = await analyzeObservations(services(), requestOf({ datasetName: 'Spring', items }));
    expect(response).toMatchObject({ status: 200, packed: 'gzip' });
    expect(response.headers?.['Cache-Status']).toBe('creative-dynamics; fwd=miss; stored');
    const chunks = (async function* () {
      yield Buffer.from(JSON.stringify({ items }));
    })();
    const document = analyze({ ...(await readDataset(chunks)), parameters: parseParameters() });
    expect(decode(response.body)).toBe(serializeDocument(document));
    expect(document.items[0]?.verdict.fatigueStatus).toBe('fatigued');
    expect(document.totals).toMatchObject({ items: 2, analysed: 1, excluded: 1 });
  });

  it('takes the body of the scaling guide; one day an item is an answer, not an error', async () => {
    const items = Array.from({ length: 10 }, (_, i) => ({
      id: `item_${i}`,
      metrics: { impressions: 1000, clicks: 20, ctr: 0.02, spend: 50 },
      timestamp: '2025-03-03T10:00:00Z',
    }));
    const response = await analyzeObservations(services(), requestOf({ dataset_name: 'load', items }));
    const document = JSON.parse(decode(response.body));
    expect(document.totals).toMatchObject({ items: 10, analysed: 0, excluded: 10, clicks: 200 });
    expect(document.items[0].metrics.ctr.excluded.reason).toBe('too_few_days');
  });

  it('answers the same by columns, and uses parameters, currency and mapping', async () => {
    const columns = {
      creative: observations.map(({ id }) => id),
      day: observations.map(({ day }) => day),
      views: observations.map(({ impressions }) => impressions),
      clicks: observations.map(({ clicks }) => clicks),
    };
    const content = {
      columns,
      currency: 'EUR',
      mapping: { item: 'creative', impressions: 'views' },
      parameters: { detector: 'shape' },
    };
    const response = await analyzeObservations(services(), requestOf(content));
    const document = JSON.parse(decode(response.body));
    expect(document).toMatchObject({ currency: 'EUR', parameters: { detector: 'shape' } });
    expect(document.totals).toMatchObject({ clicks: 40 * 900, spend: null });
  });

  it('has the same bytes in the cache, for the same tenant only', async () => {
    const shared = services();
    const first = await analyzeObservations(shared, requestOf({ items: observations }));
    const second = await analyzeObservations(shared, requestOf({ items: observations }));
    expect(second.headers?.['Cache-Status']).toMatch(/^creative-dynamics; hit; ttl=3(599|600)$/);
    expect(second.body).toEqual(first.body);
    const foreign = await analyzeObservations(shared, requestOf({ items: observations }, {}, 'other'));
    expect(foreign.headers?.['Cache-Status']).toContain('miss');
  });

  it('makes a job of what is large or preferred so', async () => {
    const defer = (content: unknown, headers = {}) =>
      analyzeObservations(services(), requestOf(content, headers));
    expect((await defer({ items: observations }, { prefer: 'wait=5, respond-async' })).status).toBe(202);
    expect((await defer({ items: observations }, { prefer: 'wait=5' })).status).toBe(200);
    const row = observations[0];
    expect((await defer({ items: Array(5000).fill(row) })).status).toBe(200);
    expect((await defer({ items: Array(5001).fill(row) })).status).toBe(202);
    const padded = (bytes: number) => {
      const content = { items: [{ ...row, note: '' }] };
      const note = 'x'.repeat(bytes - JSON.stringify(content).length);
      return { items: [{ ...row, note }] };
    };
    expect((await defer(padded(1 << 20))).status).toBe(200);
    expect((await defer(padded((1 << 20) + 1))).status).toBe(202);
    expect((await defer(padded(1 << 22))).status).toBe(202);
    await expect(defer(padded((1 << 22) + 1))).rejects.toMatchObject({ code: 'dataset_too_large' });
  });

  it.each([
    ['no observations', {}, 'invalid_request', '/items'],
    ['both shapes', { items: [], columns: {} }, 'invalid_request', '/items'],
    ['an unknown field', { items: [], paramters: {} }, 'invalid_request', '/paramters'],
    [
      'a parameter out of bounds',
      { items: [], parameters: { windowSize: 1 } },
      'invalid_request',
      '/parameters/windowSize',
    ],
  ])('refuses %s and names the field', async (_, content, code, pointer) => {
    const refusal = analyzeObservations(services(), requestOf(content));
    await expect(refusal).rejects.toMatchObject({ code, options: { errors: [{ pointer }] } });
  });

  it.each([
    ['an empty list', { items: [] }, 'empty_dataset'],
    ['missing columns', { items: [{ id: 'A', day: '2025-01-01' }] }, 'missing_columns'],
    [
      'rows that cannot be read',
      { items: [{ ...observations[0], day: 'yesterday' }] },
      'too_many_rejected_rows',
    ],
  ])('refuses %s as an analysis does, and keeps nothing of it', async (_, content, code) => {
    const shared = services();
    await expect(analyzeObservations(shared, requestOf(content))).rejects.toMatchObject({ code });
    await expect(analyzeObservations(shared, requestOf(content))).rejects.toMatchObject({ code });
  });

  it('refuses what is not JSON', async () => {
    await expect(analyzeObservations(services(), requestOf(Buffer.from('{"items":')))).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });
});
