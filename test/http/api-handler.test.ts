import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { HEARTBEAT } from '../../lambdas/contracts/heartbeat.ts';
import { type ApiFunction, apiHandler } from '../../lambdas/functions/runtime/api-handler.ts';
import type { Answer, ApiRequest } from '../../lambdas/http/exchange.ts';
import { INVOCATION } from '../functions/cloud.ts';

interface Call {
  readonly httpMethod: string;
  readonly resource: string;
  readonly headers?: Record<string, string>;
  readonly query?: Record<string, string[]>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly authorizer?: Record<string, unknown> | null;
}

const AUTHORIZER = { tenant: 'acme', tokenId: 'tok_1', scopes: 'read write', requestsPerMinute: '1200' };

function eventOf({
  httpMethod,
  resource,
  headers = {},
  query,
  authorizer = AUTHORIZER,
  ...call
}: Call): APIGatewayProxyEvent {
  const path = resource.replace('{jobId}', 'job_1');
  const requestContext = {
    accountId: '000000000000',
    apiId: 'api',
    authorizer,
    protocol: 'HTTP/1.1',
    httpMethod,
    path: `/v1${path}`,
    stage: 'v1',
    requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
    requestTimeEpoch: Date.parse('2026-03-02T10:00:00.000Z'),
    resourceId: 'r',
    resourcePath: resource,
    identity: {
      accessKey: null,
      accountId: null,
      apiKey: null,
      apiKeyId: null,
      caller: null,
      clientCert: null,
      cognitoAuthenticationProvider: null,
      cognitoAuthenticationType: null,
      cognitoIdentityId: null,
      cognitoIdentityPoolId: null,
      principalOrgId: null,
      sourceIp: '192.0.2.1',
      user: null,
      userAgent: null,
      userArn: null,
    },
  };
  return {
    httpMethod,
    resource,
    path,
    headers,
    multiValueHeaders: {},
    queryStringParameters: null,
    multiValueQueryStringParameters: query ?? null,
    pathParameters: resource.includes('{jobId}') ? { jobId: 'job_1' } : null,
    stageVariables: null,
    requestContext,
    body: call.body ?? null,
    isBase64Encoded: call.isBase64Encoded ?? false,
  };
}

const lines: string[] = [];
vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
  lines.push(String(text));
  return true;
});
afterEach(() => {
  lines.length = 0;
});

async function call(
  answers: Record<string, Answer>,
  given: Call,
  changes: Partial<ApiFunction & Context> = {},
) {
  const create = (): ApiFunction => ({
    answers: new Map(Object.entries(answers)),
    outermost: [],
    middlewares: [],
    metricsNamespace: 'test',
    flushMetrics: () => undefined,
    corsOrigins: [],
    ...changes,
  });
  const result: APIGatewayProxyResult = await apiHandler(create)(eventOf(given), {
    ...INVOCATION,
    ...changes,
  });
  const text = Buffer.from(result.body, result.isBase64Encoded ? 'base64' : 'utf8').toString();
  const logged = lines.map((line): Record<string, unknown> => JSON.parse(line));
  return { result, text, logged };
}

const LIST = { httpMethod: 'GET', resource: '/api/jobs' };

describe('an event of API Gateway', () => {
  it('becomes a request', async () => {
    const seen: ApiRequest[] = [];
    const answer: Answer = async (request) => {
      seen.push(request);
      return { status: 202, headers: { Location: '/v1/api/jobs/job_1' }, body: { ok: true } };
    };
    const body = Buffer.from('{"a":"é"}');
    const { result, text } = await call(
      { cancelJob: answer },
      {
        httpMethod: 'POST',
        resource: '/api/jobs/{jobId}/cancel',
        headers: { 'Idempotency-Key': 'k', PREFER: 'wait=1' },
        query: { state: ['A', 'B'] },
        body: body.toString('base64'),
        isBase64Encoded: true,
      },
    );
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      route: { operationId: 'cancelJob' },
      caller: { tenant: 'acme', tokenId: 'tok_1', scopes: ['read', 'write'], requestsPerMinute: 1200 },
      path: '/v1/api/jobs/job_1/cancel',
      parameters: { jobId: 'job_1' },
      query: { state: ['A', 'B'] },
      headers: { 'idempotency-key': 'k', prefer: 'wait=1' },
    });
    expect(Buffer.from(seen[0]!.body)).toEqual(body);
    expect(seen[0]!.requestId).toMatch(/^req_01KJ[0-9A-Z]{22}$/);
    // A minute is left of the invocation, and half a second of it is for writing the answer down.
    expect(Math.abs(seen[0]!.deadline - Date.now() - 59_500)).toBeLessThan(2000);
    expect(result.statusCode).toBe(202);
    expect(result.headers).toMatchObject({
      Location: '/v1/api/jobs/job_1',
      'Request-Id': seen[0]!.requestId,
      'Content-Type': 'application/json',
    });
    expect(text).toBe('{"ok":true}');
  });

  it('is answered by a problem where there is no such route, and by nobody’s verb', async () => {
    const { result, text } = await call({}, { httpMethod: 'GET', resource: '/api/nothing' });
    expect(result.statusCode).toBe(404);
    expect(JSON.parse(text)).toMatchObject({ code: 'not_found' });
  });

  it('without an authorizer’s word is refused where one is needed', async () => {
    const { result } = await call({ listJobs: async () => ({ status: 200 }) }, { ...LIST, authorizer: null });
    expect(result.statusCode).toBe(401);
  });
});

describe('a heartbeat', () => {
  it('is answered before anything of the API is made, and counts as no request', async () => {
    const handler = apiHandler(() => {
      throw new Error('The API was made.');
    });
    const sent = Object.assign(eventOf(LIST), { heartbeat: true });
    const answer: unknown = await handler(JSON.parse(JSON.stringify(HEARTBEAT)), INVOCATION);
    expect(answer).toEqual({ heartbeat: true });
    expect(lines).toEqual([]);
    await expect(handler(sent, INVOCATION)).rejects.toThrow('The API was made.');
  });

  it('cannot be sent by those who call the API', async () => {
    const seen: string[] = [];
    const answer: Answer = async (request) => {
      seen.push(Buffer.from(request.body).toString());
      return { status: 200 };
    };
    const body = JSON.stringify(HEARTBEAT);
    const { result, logged } = await call({ listJobs: answer }, { ...LIST, body });
    expect(result.statusCode).toBe(200);
    expect(seen).toEqual([body]);
    expect(logged[0]).toMatchObject({ ApiRequests: 1 });
  });
});

describe('an answer', () => {
  it('is logged in one line with its metrics, and without what was sent or answered', async () => {
    const given = { ...LIST, headers: { Authorization: 'Bearer cdt_secret' }, query: { q: ['secret'] } };
    const { result, logged } = await call({ listJobs: async () => ({ status: 200, body: 'secret' }) }, given);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatchObject({
      level: 'info',
      Route: 'listJobs',
      status: 200,
      tenant: 'acme',
      requestId: result.headers?.['Request-Id'],
      gatewayRequestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
      lambdaRequestId: 'request-1',
      ApiRequests: 1,
      _aws: { CloudWatchMetrics: [{ Namespace: 'test', Dimensions: [['Route'], []] }] },
    });
    expect(logged[0]).not.toHaveProperty('ApiServerErrors');
    expect(JSON.stringify(logged)).not.toContain('secret');
  });

  it.each([
    [404, 'ApiClientErrors'],
    [503, 'ApiServerErrors'],
  ])('of %d counts as %s', async (status, metric) => {
    const { logged } = await call({ listJobs: async () => ({ status }) }, LIST);
    expect(logged[0]).toMatchObject({ [metric]: 1 });
    expect(JSON.stringify(logged[0]?.['_aws'])).toContain(`{"Name":"${metric}","Unit":"Count"}`);
  });

  it('that was held back on request says nothing about how long answers take', async () => {
    const held: Answer = async () => ({
      status: 200,
      headers: { 'Preference-Applied': 'respond-async, wait=5' },
    });
    const { logged } = await call({ listJobs: held }, LIST);
    expect(JSON.stringify(logged[0]?.['_aws'])).not.toContain('ApiLatency');
  });

  it('that failed is logged with its cause, under the id that the caller gets', async () => {
    const failing: Answer = () => Promise.reject(new Error('The table is gone.'));
    const { result, text, logged } = await call({ listJobs: failing }, LIST);
    expect(result.statusCode).toBe(500);
    expect(text).not.toContain('table');
    expect(logged[0]).toMatchObject({ level: 'error', error: { message: 'The table is gone.' } });
    expect(logged[0]?.['requestId']).toBe(JSON.parse(text).requestId);
  });

  it('that does not come in time is 503', async () => {
    const never: Answer = () => new Promise(() => undefined);
    const { result, text } = await call({ listJobs: never }, LIST, { getRemainingTimeInMillis: () => 550 });
    expect(result.statusCode).toBe(503);
    expect(JSON.parse(text)).toMatchObject({ code: 'unavailable', retryable: true });
  });

  it('is for other origins only when the stage names them', async () => {
    const answers = { listJobs: async () => ({ status: 200 }) };
    const given = { ...LIST, headers: { origin: 'https://a.example' } };
    const headersOf = async (corsOrigins: string[]) =>
      (await call(answers, given, { corsOrigins })).result.headers;
    expect(await headersOf([])).not.toHaveProperty('Access-Control-Allow-Origin');
    expect(await headersOf(['https://b.example'])).not.toHaveProperty('Access-Control-Allow-Origin');
    expect(await headersOf(['https://a.example'])).toMatchObject({
      'Access-Control-Allow-Origin': 'https://a.example',
      Vary: 'Origin',
    });
  });
});
