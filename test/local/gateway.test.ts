import { resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../local/assembly/json.ts';
import { readApi } from '../../local/gateway/definition.ts';
import { isBinary } from '../../local/gateway/event.ts';
import { GatewayError } from '../../local/gateway/gateway-error.ts';
import { gatewayResponse, mappedValue, render } from '../../local/gateway/gateway-response.ts';
import { evaluate, policyDocumentSchema } from '../../local/gateway/policy.ts';
import type { GatewayRequest } from '../../local/gateway/request.ts';
import { addRoute, matchRoute, routeNode } from '../../local/gateway/route-tree.ts';
import type { GatewayResponse } from '../../local/gateway/schema.ts';
import { LambdaFunction } from '../../local/lambda/function.ts';
import { Slots } from '../../local/lambda/slots.ts';
import { eventually } from './eventually.ts';

import { resource } from './gateway-resource.ts';

const METHOD_ARN = 'arn:aws:execute-api:us-east-1:000000000000:api/main/GET/api/jobs/7';

describe('routes', () => {
  const root = routeNode<string>('/');
  const api = addRoute(root, 'api');
  const jobs = addRoute(api, 'jobs');
  const job = addRoute(jobs, '{id}');
  addRoute(job, 'events');
  addRoute(jobs, 'latest');
  addRoute(api, '{rest+}');
  addRoute(root, '{first}');

  it.each<[string, string | undefined, Record<string, string>]>([
    ['/', '/', {}],
    ['/api/jobs/latest', '/api/jobs/latest', {}],
    ['/api/jobs/latest/', '/api/jobs/latest', {}],
    ['/api/jobs/7', '/api/jobs/{id}', { id: '7' }],
    ['/api/jobs/latest/events', '/api/jobs/{id}/events', { id: 'latest' }],
    ['/api/jobs/7/nothing', '/api/{rest+}', { rest: 'jobs/7/nothing' }],
    ['/api/else', '/api/{rest+}', { rest: 'else' }],
    ['/other', '/{first}', { first: 'other' }],
    ['/other/more', undefined, {}],
    ['//', undefined, {}],
  ])('of %s: %s', (path, expected, parameters) => {
    const match = matchRoute(root, path);
    expect(match?.node.path).toBe(expected);
    expect(match?.parameters ?? {}).toEqual(parameters);
  });
});

describe('an authorizer’s policy', () => {
  const decide = (...Statement: object[]) =>
    evaluate(policyDocumentSchema.parse({ Version: '2012-10-17', Statement }), METHOD_ARN);
  const statement = (
    Effect: string,
    Resource: string | string[],
    Action: unknown = 'execute-api:Invoke',
  ) => ({
    Effect,
    Action,
    Resource,
  });

  it.each([
    ['everything', '*', 'Allow'],
    ['a stage', 'arn:aws:execute-api:us-east-1:000000000000:api/main/*', 'Allow'],
    ['a wildcard over slashes in the middle', '*:api/*/jobs/7', 'Allow'],
    ['one character', '*/jobs/?', 'Allow'],
    ['the method itself', METHOD_ARN, 'Allow'],
    ['another method', METHOD_ARN.replace('GET', 'POST'), 'ImplicitDeny'],
    ['what only begins like it', METHOD_ARN.slice(0, -1), 'ImplicitDeny'],
    ['a dot, which is no wildcard', METHOD_ARN.replace('jobs', 'job.'), 'ImplicitDeny'],
  ])('for %s', (_, pattern, decision) => {
    expect(decide(statement('Allow', pattern))).toBe(decision);
  });

  it('denies in spite of whatever allows', () => {
    expect(decide(statement('Deny', '*/jobs/*'), statement('Allow', '*'))).toBe('ExplicitDeny');
    expect(decide(statement('Allow', ['x', '*'], ['s3:*', 'EXECUTE-API:*']))).toBe('Allow');
    expect(decide(statement('Allow', '*', 's3:*'))).toBe('ImplicitDeny');
    expect(decide()).toBe('ImplicitDeny');
  });

  it.each([
    ['a condition', { Condition: {} }],
    ['an exception', { NotResource: '*' }],
    ['an effect that is none', { Effect: 'Maybe' }],
  ])('is refused with %s', (_, more) => {
    expect(
      policyDocumentSchema.safeParse({ Statement: { ...statement('Allow', '*'), ...more } }).success,
    ).toBe(false);
  });
});

describe('a gateway response', () => {
  const request: GatewayRequest = {
    id: 'r-1',
    method: 'GET',
    path: '/x',
    query: new URLSearchParams('a=1'),
    headers: [['Origin', 'https://app.example']],
    body: Buffer.alloc(0),
    sourceIp: '127.0.0.1',
    host: 'localhost',
    receivedAt: new Date(0),
  };
  const context = { requestId: 'r-1', identity: { sourceIp: '127.0.0.1' } };
  const scope = { request, context, stageVariables: { colour: 'green' } };
  const response = (properties: Partial<GatewayResponse>): GatewayResponse => ({
    RestApiId: 'api',
    ResponseType: 'x',
    ResponseParameters: {},
    ResponseTemplates: {},
    ...properties,
  });
  const refusal = new GatewayError('THROTTLED', 'reason that is not told');

  it('is AWS’s own where the API has none', () => {
    const { status, headers, body } = gatewayResponse(refusal, new Map(), scope);
    expect(status).toBe(429);
    expect(Object.fromEntries(headers)['x-amzn-ErrorType']).toBe('TooManyRequestsException');
    expect(JSON.parse(body.toString())).toEqual({ message: 'Too Many Requests' });
    const broken = new GatewayError('AUTHORIZER_FAILURE', 'reason');
    expect(JSON.parse(gatewayResponse(broken, new Map(), scope).body.toString())).toEqual({ message: null });
  });

  it('is the API’s for the type, else for its class of statuses', () => {
    const own = response({ StatusCode: 420 });
    const clients = response({ ResponseTemplates: { 'text/plain': '$context.error.responseType' } });
    const servers = response({ StatusCode: 599 });
    const byDefault = new Map([
      ['DEFAULT_4XX', clients],
      ['DEFAULT_5XX', servers],
    ]);
    expect(gatewayResponse(refusal, byDefault, scope)).toMatchObject({
      status: 429,
      body: Buffer.from('THROTTLED'),
    });
    expect(gatewayResponse(refusal, new Map([...byDefault, ['THROTTLED', own]]), scope).status).toBe(420);
    expect(gatewayResponse(new GatewayError('INTEGRATION_TIMEOUT', ''), byDefault, scope).status).toBe(599);
  });

  it('has the API’s headers instead of its own', () => {
    const ResponseParameters = { 'gatewayresponse.header.content-type': "'application/problem+json'" };
    const own = new Map([['THROTTLED', response({ ResponseParameters })]]);
    const types = gatewayResponse(refusal, own, scope).headers.filter(([name]) =>
      /^content-type$/i.test(name),
    );
    expect(types).toEqual([['content-type', 'application/problem+json']]);
  });

  it('puts values of the request into templates and headers', () => {
    const text =
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the notation of templates
      '$context.requestId. ${context.identity.sourceIp}x $stageVariables.colour $context.none|$other';
    expect(render(text, scope)).toBe('r-1. 127.0.0.1x green |$other');
    expect(mappedValue("'it''s $context'", scope)).toBe("it''s $context");
    expect(mappedValue('context.identity.sourceIp', scope)).toBe('127.0.0.1');
    expect(mappedValue('method.request.header.origin', scope)).toBe('https://app.example');
    expect(mappedValue('method.request.querystring.a', scope)).toBe('1');
    expect(mappedValue('stageVariables.colour', scope)).toBe('green');
  });
});

describe('what an API asks for that is not imitated', () => {
  const restApi = resource('RestApi', 'api', { BinaryMediaTypes: ['*/*'] });
  const method = (HttpMethod: string, more: JsonObject) =>
    resource('Method', `m-${HttpMethod}`, { RestApiId: 'api', ResourceId: 'root', HttpMethod, ...more });

  it('is listed, and lets nobody in where it is about that', () => {
    const vtl = { StatusCode: '200', ResponseTemplates: { 'application/json': '#set($a = 1)' } };
    const { notImitated, root } = readApi(restApi, [
      restApi,
      method('GET', { AuthorizationType: 'AWS_IAM', Integration: { Type: 'AWS_PROXY' } }),
      method('POST', { Integration: { Type: 'HTTP_PROXY' } }),
      method('PUT', { Integration: { Type: 'MOCK', IntegrationResponses: [vtl] } }),
      method('PATCH', { Integration: { Type: 'MOCK' } }),
    ]);
    expect(notImitated).toEqual([
      'GET /: authorization by AWS_IAM',
      'POST /: its integration HTTP_PROXY',
      'PUT /: the program in a template of its answer',
    ]);
    expect(root.methods.get('GET')?.admission).toBe('nobody');
  });

  it('takes media types as bytes by patterns', () => {
    const all = readApi(restApi, [restApi]);
    expect(isBinary(all, 'application/json')).toBe(true);
    const some = { ...all, binaryMediaTypes: ['image/*', 'application/zip'] };
    expect(['image/png', 'IMAGE/PNG; q=1', 'application/zip'].every((type) => isBinary(some, type))).toBe(
      true,
    );
    expect(['text/plain', 'imagery/png', 'application/zip2'].some((type) => isBinary(some, type))).toBe(
      false,
    );
  });
});

describe('environments', () => {
  let lambda: LambdaFunction | undefined;
  afterEach(() => lambda?.end());

  it('of events, of queues and of callers who wait are not the same', async () => {
    const account = { forQueues: new Slots(1), forEvents: new Slots(1), forCallers: new Slots(1) };
    lambda = new LambdaFunction({
      configuration: {
        name: 'backend',
        arn: 'arn:aws:lambda:us-east-1:000000000000:function:backend',
        role: 'role',
        handler: 'backend.handler',
        taskRoot: resolve('test/local/fixture/functions'),
        memoryMegabytes: 128,
        timeoutSeconds: 60,
        reservedConcurrency: undefined,
        variables: {},
      },
      endpoint: 'http://127.0.0.1:1',
      principal: { role: 'role', arn: '', accessKeyId: '', secretAccessKey: '', sessionToken: undefined },
      account,
      meter: { started: () => undefined, ended: () => undefined, throttled: () => undefined },
      log: () => undefined,
    });
    let over = 0;
    const slow = '{"resource":"/slow","body":"50000"}';
    const longs = [lambda.invokeForQueue(slow), lambda.invokeWhenFree(slow)];
    for (const long of longs) void long.finally(() => over++);
    const { forQueues, forEvents, forCallers } = account;
    const taken = () => [forQueues.taken, forEvents.taken, forCallers.taken];
    await eventually('both under way', () => (String(taken()) === '1,1,0' ? true : undefined));
    expect(await lambda.invoke('{"resource":"/health"}')).toMatchObject({ succeeded: true });
    expect(over).toBe(0);
    await lambda.end();
    expect((await Promise.all(longs)).map(({ succeeded }) => succeeded)).toEqual([false, false]);
    expect(taken()).toEqual([0, 0, 0]);
  });

  it('are waited for in turn, but not for longer than a caller wants', async () => {
    const slots = new Slots(1);
    expect(await slots.takeWithin(1)).toBe(true);
    expect(await slots.takeWithin(5)).toBe(false);
    const next = slots.takeWithin(10_000);
    slots.giveBack();
    expect(await next).toBe(true);
    expect(slots.taken).toBe(1);
    slots.giveBack();
    expect(slots.taken).toBe(0);
  });
});
