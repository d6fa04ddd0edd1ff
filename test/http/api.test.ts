import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { PROBLEM_CODES, PROBLEMS } from '../../lambdas/contracts/problems.ts';
import { AnalysisError } from '../../lambdas/domain/errors.ts';
import { createApi } from '../../lambdas/http/api.ts';
import type { Answer, Middleware } from '../../lambdas/http/exchange.ts';
import { parseBody, parseQuery } from '../../lambdas/http/input.ts';
import { linkTo } from '../../lambdas/http/links.ts';
import { readPreferences } from '../../lambdas/http/prefer.ts';
import { Problem } from '../../lambdas/http/problem.ts';
import { CALLER, json, requestFor } from './requests.ts';

function apiOf(answer: Answer, ...middlewares: Middleware[]) {
  const reported: Problem[] = [];
  const api = createApi({ find: () => answer, middlewares, report: (problem) => reported.push(problem) });
  return { api, reported };
}

const throwing = (error: unknown) => apiOf(() => Promise.reject(error));

describe('an error', () => {
  it.each(PROBLEM_CODES)('%s is answered as the table says', async (code) => {
    const { api, reported } = throwing(new Problem(code, 'It went wrong.'));
    const { status, headers, body } = await api(requestFor('listJobs'));
    const { title, remedy, retryable } = PROBLEMS[code];
    expect(status).toBe(PROBLEMS[code].status);
    expect(headers?.['Content-Type']).toBe('application/problem+json');
    expect(body).toEqual({
      type: `/docs/errors/${code}`,
      title,
      status,
      code,
      detail: 'It went wrong.',
      remedy,
      retryable,
      requestId: 'req_01KA0000000000000000000000',
    });
    expect(reported).toHaveLength(status >= 500 ? 1 : 0);
    if (remedy.includes('Retry-After')) expect(Number(headers?.['Retry-After'])).toBeGreaterThan(0);
  });

  it('of an analysis is what it says it is', async () => {
    const { api } = throwing(new AnalysisError('missing_columns', 'No clicks.', 'Rename one.'));
    const { status, body } = await api(requestFor('listJobs'));
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'missing_columns', detail: 'No clicks.', remedy: 'Rename one.' });
  });

  it.each([
    ['an unforeseen one', new Error('secret at db.internal')],
    ['an internal one', new AnalysisError('internal', 'secret at db.internal')],
    ['a thrown text', 'secret at db.internal'],
    // A record that cannot be read is our fault and not the caller's.
    ['a schema that was not met', z.object({ secret: z.string() }).safeParse({}).error],
  ])('that is %s tells nothing but the request id, and is reported', async (_, error) => {
    const { api, reported } = throwing(error);
    const { status, body } = await api(requestFor('listJobs'));
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(body).toMatchObject({ code: 'internal', requestId: 'req_01KA0000000000000000000000' });
    expect(reported.map(({ cause }) => cause)).toEqual([error]);
  });

  it.each([
    Object.assign(new Error('Slow down.'), { $fault: 'server' }),
    Object.assign(new Error('Rate exceeded.'), { $fault: 'client', $retryable: { throttling: true } }),
    Object.assign(new Error('socket timed out'), { name: 'TimeoutError' }),
  ])('of a store that is down is 503: $message', async (error) => {
    const { api, reported } = throwing(error);
    const { status, headers } = await api(requestFor('listJobs'));
    expect([status, headers?.['Retry-After']]).toEqual([503, '5']);
    expect(reported).toHaveLength(1);
  });

  it('may bring its own type, headers, fields and members', async () => {
    const { api } = throwing(
      new Problem('quota_exceeded', 'Too many.', {
        type: 'https://example.com/quota',
        headers: { 'Retry-After': '41' },
        errors: [{ pointer: '/a', detail: 'no' }],
        members: { 'violated-policies': ['requests'] },
      }),
    );
    const { headers, body } = await api(requestFor('listJobs'));
    expect(headers?.['Retry-After']).toBe('41');
    expect(body).toMatchObject({
      type: 'https://example.com/quota',
      errors: [{ pointer: '/a', detail: 'no' }],
      'violated-policies': ['requests'],
    });
  });
});

describe('a request', () => {
  const fine: Answer = async () => ({ status: 200 });

  it.each([
    ['createDataset', ['write'], 200],
    ['createDataset', ['read', 'admin'], 403],
    ['listJobs', ['read'], 200],
    ['listJobs', ['write'], 403],
    ['createToken', ['read', 'write'], 403],
    ['getHealth', [], 200],
  ] as const)('%s with the scopes %j gets %d', async (operationId, scopes, status) => {
    const { api } = apiOf(fine);
    expect((await api(requestFor(operationId, { caller: { ...CALLER, scopes } }))).status).toBe(status);
  });

  it('without a caller is refused before anything else sees it, unless it needs none', async () => {
    const seen: string[] = [];
    const { api } = apiOf(fine, async (request, next) => {
      seen.push(request.route.operationId);
      return next(request);
    });
    expect((await api(requestFor('listJobs', { caller: null }))).status).toBe(401);
    expect((await api(requestFor('getHealth', { caller: null }))).status).toBe(200);
    expect(seen).toEqual(['getHealth']);
  });
});

describe('middlewares', () => {
  it('that are outermost see what a token may not do as an answer; the others do not see it', async () => {
    const seen: string[] = [];
    const named =
      (name: string): Middleware =>
      async (request, next) => {
        const { status } = await next(request);
        seen.push(`${name} ${status}`);
        return { status };
      };
    const api = createApi({
      find: () => async () => ({ status: 200 }),
      outermost: [named('outermost')],
      middlewares: [named('other')],
      report: () => undefined,
    });
    await api(requestFor('createToken', { caller: { ...CALLER, scopes: ['read'] } }));
    await api(requestFor('listJobs', { caller: { ...CALLER, scopes: ['read'] } }));
    expect(seen).toEqual(['outermost 403', 'other 200', 'outermost 200']);
  });

  it('stand around the verb, the first outermost, and see its refusals as answers', async () => {
    const seen: string[] = [];
    const named =
      (name: string): Middleware =>
      async (request, next) => {
        const response = await next(request);
        seen.push(`${name} ${response.status}`);
        return { ...response, headers: { ...response.headers, [name]: 'was here' } };
      };
    const refusing: Answer = () => Promise.reject(new Problem('not_found', 'No.'));
    const { headers } = await apiOf(refusing, named('outer'), named('inner')).api(requestFor('listJobs'));
    expect(seen).toEqual(['inner 404', 'outer 404']);
    expect(headers).toMatchObject({ outer: 'was here', inner: 'was here' });
  });

  it('may refuse themselves, and then the verb is not asked', async () => {
    let asked = false;
    const verb: Answer = async () => {
      asked = true;
      return { status: 200 };
    };
    const refusing: Middleware = () => Promise.reject(new Problem('quota_exceeded', 'Too many.'));
    expect((await apiOf(verb, refusing).api(requestFor('listJobs'))).status).toBe(429);
    expect(asked).toBe(false);
  });
});

describe('input', () => {
  const schema = z.strictObject({
    name: z.string(),
    rows: z.array(z.strictObject({ 'a/b': z.int() })).exactOptional(),
  });
  const errorsOf = (act: () => unknown) => {
    try {
      act();
    } catch (error) {
      if (error instanceof Problem) return { code: error.code, errors: error.options.errors };
      throw error;
    }
    return null;
  };

  it('that is wrong is named by JSON pointers, escaped', () => {
    const body = json({ rows: [{ 'a/b': 1 }, { 'a/b': 'x' }], colour: 1 });
    expect(errorsOf(() => parseBody(schema, { body }))).toEqual({
      code: 'invalid_request',
      errors: [
        { pointer: '/name', detail: expect.stringContaining('string') },
        { pointer: '/rows/1/a~1b', detail: expect.stringContaining('number') },
        { pointer: '/colour', detail: 'unknown' },
      ],
    });
  });

  it.each([
    ['no JSON', '{"name":'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['no object', '[]'],
  ])('that is %s is refused', (_, body) => {
    expect(errorsOf(() => parseBody(schema, { body: Buffer.from(body) }))?.code).toBe('invalid_request');
  });

  it('that is empty is an empty object', () => {
    expect(parseBody(z.strictObject({ limit: z.int().default(5) }), { body: new Uint8Array(0) })).toEqual({
      limit: 5,
    });
  });

  it('from the query is single, but for what may be repeated', () => {
    const query = z.strictObject({
      limit: z.coerce.number().int(),
      state: z.array(z.enum(['A', 'B'])).exactOptional(),
    });
    expect(parseQuery(query, { query: { limit: ['7'], state: ['A'] } })).toEqual({ limit: 7, state: ['A'] });
    expect(errorsOf(() => parseQuery(query, { query: { limit: ['7', '8'] } }))?.errors).toHaveLength(1);
    expect(errorsOf(() => parseQuery(query, { query: { limit: ['7'], other: ['1'] } }))).toEqual({
      code: 'invalid_request',
      errors: [{ pointer: '?other', detail: 'unknown' }],
    });
  });
});

describe('links', () => {
  it.each([
    ['/api/jobs', '/api/jobs/job_1'],
    ['/prod/api/jobs', '/prod/api/jobs/job_1'],
    ['/base/prod/api/jobs/', '/base/prod/api/jobs/job_1'],
  ])('from %s lead to %s', (path, link) => {
    const request = requestFor('listJobs', { path });
    expect(linkTo(request, '/api/jobs/{jobId}', { jobId: 'job_1' })).toBe(link);
  });

  it('escape what they are made of', () => {
    const request = requestFor('getJob', { path: '/v/api/jobs/job_1' });
    expect(linkTo(request, '/api/jobs/{jobId}/events', { jobId: 'a/b c' })).toBe(
      '/v/api/jobs/a%2Fb%20c/events',
    );
  });
});

describe('preferences', () => {
  it.each([
    [undefined, false, null],
    ['respond-async', true, null],
    ['wait=20', false, 20],
    ['Wait = 7 ; x=1, RESPOND-ASYNC', true, 7],
    ['wait=900', false, 20],
    ['wait=-1', false, null],
    ['wait=soon', false, null],
  ])('%j', (header, respondAsync, waitSeconds) => {
    expect(readPreferences(header)).toEqual({ respondAsync, waitSeconds });
  });
});
