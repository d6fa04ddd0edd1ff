import { describe, expect, it } from 'vitest';
import { createDynamoRateBucket } from '../../lambdas/adapters/dynamodb-rate-bucket.ts';
import { createApi } from '../../lambdas/http/api.ts';
import type { ApiResponse } from '../../lambdas/http/exchange.ts';
import { rateLimit } from '../../lambdas/http/rate-limit.ts';
import type { RateBucket } from '../../lambdas/ports/rate-bucket.ts';
import { startJobsTable } from '../adapters/jobs-table.ts';
import { buildRequest, CALLER, countingMetrics } from './requests.ts';

const NOW = Date.parse('2026-03-01T10:00:00.000Z');
const table = await startJobsTable();

function setUp(rates: RateBucket = createDynamoRateBucket(table.client, table.name, { now: () => NOW })) {
  const metrics = countingMetrics();
  const [skipped, answered]: [unknown[], string[]] = [[], []];
  const api = createApi({
    find:
      () =>
      async (request): Promise<ApiResponse> => {
        answered.push(request.requestId);
        return { status: 200, headers: { 'X-Own': 'kept' }, body: {} };
      },
    middlewares: [],
    outermost: [rateLimit({ rates, metrics, onSkipped: (error) => skipped.push(error) })],
    report: () => undefined,
  });
  return { api, metrics, skipped, answered };
}

function caller(tokenId: string, requestsPerMinute: number) {
  return { ...CALLER, tokenId, requestsPerMinute };
}

describe('the limit of a token', () => {
  it('is told in every answer, with what is left of it', async () => {
    const { api } = setUp();
    const ask = () => api(buildRequest('listJobs', { caller: caller('tok_told', 1200) }));
    expect((await ask()).headers).toEqual({
      'X-Own': 'kept',
      'RateLimit-Policy': '"requests";q=1200;w=60',
      RateLimit: '"requests";r=1199;t=1',
    });
    for (let i = 0; i < 39; i++) await ask();
    expect((await ask()).headers).toMatchObject({ RateLimit: '"requests";r=1159;t=3' });
  });

  it('counts what the token may not do, too', async () => {
    const { api, answered } = setUp();
    const reader = { ...caller('tok_reader', 2), scopes: ['read' as const] };
    const ask = () => api(buildRequest('createToken', { caller: reader }));
    expect(await ask()).toMatchObject({ status: 403, headers: { RateLimit: '"requests";r=1;t=30' } });
    expect((await ask()).status).toBe(403);
    expect((await ask()).status).toBe(429);
    expect(answered).toEqual([]);
  });

  it('is held to, and says when to come again', async () => {
    const { api, answered, metrics } = setUp();
    const ask = () => api(buildRequest('listJobs', { caller: caller('tok_held', 3) }));
    for (let i = 0; i < 3; i++) expect((await ask()).status).toBe(200);
    const refused = await ask();
    expect(refused).toMatchObject({
      status: 429,
      headers: {
        'Retry-After': '20',
        'Content-Type': 'application/problem+json',
        'RateLimit-Policy': '"requests";q=3;w=60',
        RateLimit: '"requests";r=0;t=60',
      },
      body: {
        type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
        code: 'quota_exceeded',
        'violated-policies': ['requests'],
        retryable: true,
      },
    });
    expect(answered).toHaveLength(3);
    expect(metrics.counts.get('RequestsLimited')).toBe(1);
  });

  it('is each token’s own', async () => {
    const { api } = setUp();
    expect((await api(buildRequest('listJobs', { caller: caller('tok_one', 1) }))).status).toBe(200);
    expect((await api(buildRequest('listJobs', { caller: caller('tok_one', 1) }))).status).toBe(429);
    expect((await api(buildRequest('listJobs', { caller: caller('tok_two', 1) }))).status).toBe(200);
  });

  it('concerns nobody who needs no token', async () => {
    const never: RateBucket = { take: () => Promise.reject(new Error('was asked')) };
    const { api, skipped } = setUp(never);
    const { headers } = await api(buildRequest('getHealth', { caller: null }));
    expect(headers).toEqual({ 'X-Own': 'kept' });
    expect(skipped).toEqual([]);
  });
});

describe('while the buckets cannot be asked', () => {
  it('requests pass, and are counted', async () => {
    const { api, metrics, skipped } = setUp({ take: () => Promise.reject(new Error('down')) });
    const response = await api(buildRequest('listJobs'));
    expect(response.status).toBe(200);
    expect(response.headers).toEqual({ 'X-Own': 'kept', 'RateLimit-Policy': '"requests";q=1200;w=60' });
    expect(metrics.counts.get('RateLimitsSkipped')).toBe(1);
    expect(skipped).toEqual([new Error('down')]);
  });
});
