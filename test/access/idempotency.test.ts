import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDynamoIdempotency } from '../../lambdas/adapters/dynamodb-idempotency.ts';
import { fingerprintOf } from '../../lambdas/domain/access/fingerprint.ts';
import { createApi } from '../../lambdas/http/api.ts';
import type { Answer, ApiRequest, ApiResponse } from '../../lambdas/http/exchange.ts';
import { idempotency } from '../../lambdas/http/idempotency.ts';
import { answerFrom, MAX_KEPT_BYTES, textOf } from '../../lambdas/http/kept-answer.ts';
import { Problem } from '../../lambdas/http/problem.ts';
import type { IdempotencyStore } from '../../lambdas/ports/idempotency-store.ts';
import { startJobsTable } from '../adapters/jobs-table.ts';
import { buildRequest, CALLER, countingMetrics } from './requests.ts';

const table = await startJobsTable();
const dynamo = createDynamoIdempotency(table.client, table.name, { now: Date.now });
let keys = 0;

/** An API with one answer to everything, and how often it was worked out. */
function setUp(answer: Answer, store: IdempotencyStore = dynamo) {
  const metrics = countingMetrics();
  const [unkept, worked]: [unknown[], string[]] = [[], []];
  const api = createApi({
    find: () => (request) => {
      worked.push(request.requestId);
      return answer(request);
    },
    middlewares: [idempotency({ store, metrics, onUnkept: (error) => unkept.push(error) })],
    report: () => undefined,
  });
  return { api, metrics, unkept, worked };
}

function named(changes: Parameters<typeof buildRequest>[1] = {}, key = 'key'): ApiRequest {
  const json = { name: 'Spring' };
  return buildRequest('createDataset', {
    json,
    headers: { 'idempotency-key': `${key}-${keys}` },
    ...changes,
  });
}

function fresh<T>(work: () => T): T {
  keys++;
  return work();
}

const created: Answer = async ({ requestId }) => ({
  status: 201,
  headers: { Location: '/api/datasets/ds_1' },
  body: { id: 'ds_1', by: requestId },
});

describe('a request with a key', () => {
  it('that comes 50 times at once is worked out once', async () => {
    const release = Promise.withResolvers<void>();
    const { api, worked } = fresh(() =>
      setUp(async (request) => {
        await release.promise;
        return created(request);
      }),
    );
    const answers = Array.from({ length: 50 }, () => api(named()));
    // The one at work answers when all others have been refused, so that none of them can have been replayed.
    let refused = 0;
    for (const answer of answers) void answer.then(({ status }) => (refused += status === 409 ? 1 : 0));
    const deadline = Date.now() + 20_000;
    while (refused < 49 && Date.now() < deadline) await pause(10);
    release.resolve();
    const all = await Promise.all(answers);
    expect(all.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(49).fill(409)]);
    expect(worked).toHaveLength(1);
    const refusal = all.find(({ status }) => status === 409);
    expect(refusal?.headers).toMatchObject({ 'Retry-After': '1' });
    expect(refusal?.body).toMatchObject({ code: 'request_in_progress', retryable: true });
  });

  it('is answered again as it was the first time', async () => {
    const { api, worked } = fresh(() => setUp(created));
    const first = await api(named());
    const again = await api(named());
    expect(first.headers).not.toHaveProperty('Idempotency-Replayed');
    expect(again).toEqual({ ...first, headers: { ...first.headers, 'Idempotency-Replayed': 'true' } });
    expect(worked).toHaveLength(1);
  });

  it.each([
    ['body', { json: { name: 'Summer' } }],
    ['path', { path: '/api/datasets/preview' }],
    ['query', { query: { mapping: ['a'] } }],
  ])('and another %s is refused', async (_what, change) => {
    const { api, worked } = fresh(() => setUp(created));
    await api(named());
    expect(await api(named(change))).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    expect(worked).toHaveLength(1);
  });

  it('is another one of another tenant', async () => {
    const { api, worked } = fresh(() => setUp(created));
    await api(named());
    expect(await api(named({ caller: { ...CALLER, tenant: 'beta' } }))).toMatchObject({ status: 201 });
    expect(worked).toHaveLength(2);
  });

  it.each([400, 401, 409, 429, 500, 503])(
    'that was answered with %i may be sent again, and corrected',
    async (status) => {
      const answers: ApiResponse[] = [
        { status, body: {} },
        { status: 201, body: {} },
      ];
      const { api, worked } = fresh(() => setUp(async () => answers.shift() ?? { status: 500 }));
      expect((await api(named())).status).toBe(status);
      expect((await api(named({ json: { name: 'corrected' } }))).status).toBe(201);
      expect(worked).toHaveLength(2);
    },
  );

  it.each(['missing_columns', 'not_found', 'forbidden'] as const)(
    'that was refused as %s stays so',
    async (code) => {
      const { api, worked } = fresh(() => setUp(() => Promise.reject(new Problem(code, 'No.'))));
      const first = await api(named());
      const again = await api(named());
      expect(again.body).toEqual(first.body);
      expect(again.headers).toMatchObject({
        'Idempotency-Replayed': 'true',
        'Content-Type': 'application/problem+json',
      });
      expect(worked).toHaveLength(1);
    },
  );

  it('whose first attempt never ended is worked out again when that had to be over', async () => {
    let now = 1_700_000_000_000;
    const store = createDynamoIdempotency(table.client, table.name, { now: () => now });
    let attempts = 0;
    const crashFirst: Answer = (request) => {
      attempts++;
      return attempts === 1 ? new Promise(() => undefined) : created(request);
    };
    const { api } = fresh(() => setUp(crashFirst, store));
    const timed = () => named({ deadline: now + 20_000 });
    void api(timed());
    const deadline = Date.now() + 10_000;
    while (attempts === 0 && Date.now() < deadline) await pause(5);
    now += 24_999;
    expect((await api(timed())).status).toBe(409);
    now += 1;
    expect((await api(timed())).status).toBe(201);
  });

  it.each(['', 'x'.repeat(256), 'sch\u00f6n', 'a\tb'])('such as %j is refused', async (key) => {
    const { api, worked } = setUp(created);
    const refused = await api(named({ headers: { 'idempotency-key': key } }));
    expect(refused).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ pointer: 'Idempotency-Key' }] },
    });
    expect(worked).toEqual([]);
  });
});

describe('an answer', () => {
  it('that comes out the same again is worked out again, under the same key alone', async () => {
    const { api, worked } = fresh(() =>
      setUp(async (request) => ({ ...(await created(request)), replay: 'repeat' as const })),
    );
    for (let i = 0; i < 3; i++)
      expect((await api(named())).headers).not.toHaveProperty('Idempotency-Replayed');
    expect(worked).toHaveLength(3);
    expect(await api(named({ json: {} }))).toMatchObject({ status: 422 });
  });

  it('that is too long to be kept is worked out again', async () => {
    const { api, worked } = fresh(() =>
      setUp(async () => ({ status: 200, body: 'x'.repeat(MAX_KEPT_BYTES) })),
    );
    for (let i = 0; i < 2; i++) expect((await api(named())).status).toBe(200);
    expect(worked).toHaveLength(2);
  });

  it('with a secret is replayed without it', async () => {
    const answer = {
      status: 201,
      body: { id: 'tok_1', token: 'cdt_secret' },
      replay: { body: { id: 'tok_1', token: null } },
    };
    const { api } = fresh(() => setUp(async () => answer));
    expect((await api(named())).body).toEqual({ id: 'tok_1', token: 'cdt_secret' });
    expect((await api(named())).body).toEqual({ id: 'tok_1', token: null });
  });

  it('that cannot be kept is given all the same, and counted', async () => {
    const store = { ...dynamo, keep: () => Promise.reject(new Error('down')) };
    const { api, metrics, unkept } = fresh(() => setUp(created, store));
    expect((await api(named())).status).toBe(201);
    expect(metrics.counts.get('AnswersUnkept')).toBe(1);
    expect(unkept).toEqual([new Error('down')]);
  });

  it('is not worked out while nobody can say whether it was before', async () => {
    const store = { ...dynamo, claim: () => Promise.reject(new Error('down')) };
    const { api, worked } = fresh(() => setUp(created, store));
    expect((await api(named())).status).toBe(500);
    expect(worked).toEqual([]);
  });

  it('is kept as it was', () => {
    const json = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)));
    const body = fc.oneof(
      json,
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.constant(undefined),
    );
    const headers = fc.dictionary(fc.stringMatching(/^[A-Z][A-Za-z-]{0,20}$/), fc.string());
    fc.assert(
      fc.property(body, headers, (content, given) => {
        const answer = { status: 200, headers: given, ...(content !== undefined && { body: content }) };
        const kept = answerFrom(textOf(answer) ?? '');
        expect(kept.body).toEqual(content);
        expect({ ...kept.headers }).toEqual({ ...given });
      }),
    );
  });
});

describe('what is let through', () => {
  it.each([
    ['no key', named({ headers: {} })],
    ['no token', named({ caller: null })],
    ['nothing to repeat', buildRequest('listJobs', { headers: { 'idempotency-key': 'k' } })],
  ])('is a request with %s', async (_what, request) => {
    let asked = 0;
    const claim = () => {
      asked++;
      return Promise.reject(new Error('was asked'));
    };
    const middleware = idempotency({
      store: { ...dynamo, claim },
      metrics: countingMetrics(),
      onUnkept: () => undefined,
    });
    expect(await middleware(request, created)).toMatchObject({ status: 201 });
    expect(asked).toBe(0);
  });
});

describe('a fingerprint', () => {
  const body = Buffer.from('{}');
  const parts = { method: 'POST', path: '/api/jobs', query: { a: ['1', '2'], b: ['3'] }, body };

  it('is of the method, the path, the query in any order, and the body', () => {
    const same = fingerprintOf({ ...parts, query: { b: ['3'], a: ['1', '2'] }, body: Buffer.from(body) });
    expect(same).toBe(fingerprintOf(parts));
    const others = [
      { ...parts, method: 'PATCH' },
      { ...parts, path: '/api/job' },
      { ...parts, query: { a: ['2', '1'], b: ['3'] } },
      { ...parts, query: { a: ['1'], b: ['3'] } },
      { ...parts, body: Buffer.from('{} ') },
      { ...parts, body: Buffer.alloc(0) },
    ];
    expect(new Set([parts, ...others].map(fingerprintOf)).size).toBe(others.length + 1);
  });
});
