import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { synthesise } from '../../local/assembly/synthesise.ts';
import { type LocalCloud, startLocalCloud } from '../../local/local-cloud.ts';
import { eventually } from './eventually.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const directory = temporaryDirectory();
const assembly = temporaryDirectory();
let cloud: LocalCloud;
let logs: string[] = [];

beforeAll(async () => {
  await synthesise({ app: 'test/local/fixture/gateway-app.ts', outdir: assembly.path });
  cloud = await start(directory.path);
}, 60_000);
afterAll(async () => {
  await cloud.stop();
  directory.remove();
  assembly.remove();
});

function start(dataDirectory: string, parameters: Record<string, string> = {}): Promise<LocalCloud> {
  logs = [];
  return startLocalCloud({
    assembly: assembly.path,
    dataDirectory,
    ports: { aws: 0, api: 0 },
    parameters,
    onLog: (source, line) => logs.push(`${source}: ${line}`),
  });
}

const told = z.looseObject({
  arn: z.string(),
  event: z.looseObject({
    resource: z.string(),
    path: z.string(),
    pathParameters: z.record(z.string(), z.string()).nullable(),
    requestContext: z.looseObject({
      requestId: z.string(),
      authorizer: z.record(z.string(), z.unknown()).optional(),
    }),
  }),
});

function call(path: string, options: RequestInit = {}): Promise<Response> {
  return fetch(`${cloud.apiEndpoint}${path}`, options);
}

async function toldBy(path: string, options: RequestInit = {}) {
  const response = await call(path, options);
  expect(response.status).toBe(200);
  return told.parse(await response.json());
}

/** Has the function answer this, whatever it is. */
function answering(answer: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return call('/raw', { method: 'POST', body: JSON.stringify(answer), headers });
}

const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });

/** How often the authorizer's function had been asked when it gave this answer. */
async function callsSeen(path: string, token: string): Promise<number> {
  const { event } = await toldBy(path, bearer(token));
  return Number(event.requestContext.authorizer?.['calls']);
}

describe('an API of the templates', () => {
  it('is imitated whole, its network is not', () => {
    expect(cloud.notImitated).toEqual([]);
    expect(cloud.withoutEffect).toHaveProperty(['AWS::EC2::VPC']);
  });

  it('is served at the root and below its stage, which its URL among the outputs leads to', async () => {
    expect((await toldBy('/health')).event).toMatchObject({ path: '/health', resource: '/health' });
    const url = String(cloud.outputs['fixture-api']?.['ApiUrl']);
    expect(url).toBe(`${cloud.apiEndpoint}/main/`);
    const response = await fetch(`${url}health`);
    const { event } = told.parse(await response.json());
    expect(event).toMatchObject({ path: '/health', requestContext: { path: '/main/health' } });
    expect(response.headers.get('x-amzn-requestid')).toBe(event.requestContext.requestId);
  });

  it('prefers literal parts to parameters, and those to the rest of a path', async () => {
    expect((await toldBy('/echo/special')).event.resource).toBe('/echo/special');
    const one = await toldBy('/echo/a%20b%2Fc');
    expect(one.event).toMatchObject({ resource: '/echo/{id}', pathParameters: { id: 'a%20b%2Fc' } });
    const rest = await toldBy('/echo/deep/er/and/deeper');
    expect(rest.event).toMatchObject({
      resource: '/echo/deep/{rest+}',
      pathParameters: { rest: 'er/and/deeper' },
    });
  });

  it('knows no other resources and methods', async () => {
    for (const [method, path] of [
      ['GET', '/nothing'],
      ['POST', '/health'],
      ['GET', '/echo/a/b'],
    ] as const) {
      const response = await call(path, { method });
      expect(response.status).toBe(403);
      expect(response.headers.get('x-amzn-errortype')).toBe('MissingAuthenticationTokenException');
      expect(response.headers.get('x-default')).toBe('4xx');
      expect(await response.json()).toEqual({ message: 'Missing Authentication Token' });
    }
  });

  it('tells the function of a request by version 1.0 of the event', async () => {
    const { event, arn } = await toldBy('/echo?one=1&two=a%20b&two=c+d', {
      method: 'PUT',
      headers: { 'X-Custom': 'Value', 'content-type': 'text/plain' },
      body: 'grüß dich',
    });
    expect(arn).toMatch(/:function:[\w-]+$/);
    expect(event).toMatchObject({
      resource: '/echo',
      path: '/echo',
      httpMethod: 'PUT',
      body: 'grüß dich',
      isBase64Encoded: false,
      pathParameters: null,
      stageVariables: { colour: 'green' },
      queryStringParameters: { one: '1', two: 'c d' },
      multiValueQueryStringParameters: { one: ['1'], two: ['a b', 'c d'] },
      requestContext: {
        accountId: '000000000000',
        httpMethod: 'PUT',
        identity: { sourceIp: '127.0.0.1' },
        protocol: 'HTTP/1.1',
        resourcePath: '/echo',
        stage: 'main',
      },
    });
    expect(event['headers']).toMatchObject({ 'X-Forwarded-For': '127.0.0.1', 'X-Forwarded-Proto': 'http' });
    expect(event.requestContext).not.toHaveProperty('authorizer');
  });

  it('leaves out what a request does not have', async () => {
    expect((await toldBy('/health')).event).toMatchObject({
      body: null,
      isBase64Encoded: false,
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
    });
  });

  it('hands bodies of binary media types on in base64', async () => {
    const body = randomBytes(100);
    const headers = { 'content-type': 'image/png; q=1' };
    const { event } = await toldBy('/echo', { method: 'POST', headers, body });
    expect(event).toMatchObject({ isBase64Encoded: true, body: body.toString('base64') });
  });

  it('keeps repeated headers apart', async () => {
    const { event } = told.parse(
      await rawRequest('/echo', ['X-Many', 'first', 'x-other', 'o', 'X-Many', 'second']),
    );
    expect(event['headers']).toMatchObject({ 'X-Many': 'second', 'x-other': 'o' });
    expect(event['multiValueHeaders']).toMatchObject({ 'X-Many': ['first', 'second'], 'x-other': ['o'] });
  });

  it('hands a header on that has the name of what every object has', async () => {
    const { event } = told.parse(await rawRequest('/echo', ['constructor', 'c', '__proto__', 'p']));
    expect(event['multiValueHeaders']).toMatchObject({ constructor: ['c'] });
  });
});

describe('a function’s answer', () => {
  it('is passed on: status, headers, repeated headers', async () => {
    const response = await answering({
      statusCode: 201,
      headers: { 'X-One': 'a', 'X-Many': 'lost' },
      multiValueHeaders: { 'x-many': ['b', 'c'], 'Set-Cookie': ['d=1', 'e=2'] },
      body: '{}',
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('x-one')).toBe('a');
    expect(response.headers.get('x-many')).toBe('b, c');
    expect(response.headers.getSetCookie()).toEqual(['d=1', 'e=2']);
    expect(await response.text()).toBe('{}');
  });

  it('loses names of headers that are API Gateway’s own', async () => {
    const response = await answering({
      statusCode: 401,
      headers: { 'WWW-Authenticate': 'Bearer' },
      body: '',
    });
    expect(response.headers.get('www-authenticate')).toBeNull();
    expect(response.headers.get('x-amzn-remapped-www-authenticate')).toBe('Bearer');
  });

  it('is decoded from base64 for whoever accepts bytes, and only then', async () => {
    const answer = { body: Buffer.from('bytes').toString('base64'), isBase64Encoded: true };
    const accept = (type: string) => answering(answer, { accept: type }).then((response) => response.text());
    expect(await accept('image/webp')).toBe('bytes');
    expect(await accept('text/html, image/webp')).toBe(answer.body);
  });

  it('is compressed from the least size on', async () => {
    const headers = { 'accept-encoding': 'gzip' };
    const small = await answering({ body: 'x'.repeat(1999) }, headers);
    expect(small.headers.get('content-encoding')).toBeNull();
    const large = await answering({ body: 'x'.repeat(2000) }, headers);
    expect(large.headers.get('content-encoding')).toBe('gzip');
    expect(Number(large.headers.get('content-length'))).toBeLessThan(100);
    expect(await large.text()).toBe('x'.repeat(2000));
  });

  it.each<[string, unknown]>([
    ['no object', 'text'],
    ['a status that is none', { statusCode: 'fine' }],
    ['a body that is no text', { statusCode: 200, body: {} }],
    ['a member nobody knows', { statusCode: 200, message: 'hi' }],
    ['a header that is none', { statusCode: 200, headers: { 'X-Bad': 'a\nb' } }],
  ])('is 502 with %s', async (_, answer) => {
    const response = await answering(answer);
    expect(response.status).toBe(502);
    expect(await response.json()).toEqual({ message: 'Internal server error' });
  });

  it('is 502 when there is none, as the function failed', async () => {
    const response = await call('/raw', { method: 'POST', body: 'no JSON' });
    expect(response.status).toBe(502);
    expect(response.headers.get('x-amzn-errortype')).toBe('InternalServerErrorException');
  });

  it('is 504 when it comes too late', async () => {
    const response = await call('/slow', { method: 'POST', body: '3000' });
    expect(response.status).toBe(504);
    expect(await response.json()).toEqual({ message: 'Endpoint request timed out' });
  });

  it('is of the alias that the integration names', async () => {
    expect((await toldBy('/alias')).arn).toMatch(/:function:[\w-]+:live$/);
  });

  it('is 500 where the function lets nobody invoke it', async () => {
    const response = await call('/closed');
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ message: 'Internal server error' });
  });

  it('may be the template’s instead', async () => {
    const response = await call('/mock', { method: 'OPTIONS' });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example');
  });
});

describe('limits', () => {
  it('are 10 MB of a body, and 6 MB of what it makes of the event', async () => {
    const large = await call('/echo', { method: 'POST', body: Buffer.alloc(10 * 1024 ** 2 + 1, 'x') });
    expect(large.status).toBe(413);
    expect(await large.json()).toEqual({ message: 'HTTP content length exceeded 10485760 bytes.' });
    const forTheEvent = await call('/echo', { method: 'POST', body: Buffer.alloc(6 * 1024 ** 2, 'x') });
    expect(forTheEvent.status).toBe(413);
    expect(await forTheEvent.json()).toEqual({ message: 'Request Too Long' });
    expect((await call('/raw', { method: 'POST', body: `{}${' '.repeat(5 * 1024 ** 2)}` })).status).toBe(200);
  });

  it('are 10 KB of headers', async () => {
    const response = await call('/health', { headers: { 'X-Long': 'x'.repeat(10_300) } });
    expect(response.status).toBe(431);
  });
});

describe('an authorizer', () => {
  it('is not asked without what it looks at; the refusal is worded by the gateway response', async () => {
    const before = await callsSeen('/guarded', 'all.first');
    const refused = await call('/guarded');
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    const id = refused.headers.get('x-amzn-requestid');
    expect(refused.headers.get('x-request')).toBe(id);
    expect(await refused.json()).toEqual({ status: 401, detail: 'Unauthorized', id, path: '/guarded' });
    expect(await callsSeen('/guarded', 'all.second')).toBe(before + 1);
  });

  it('tells functions what it found out, as texts', async () => {
    const { event } = await toldBy('/guarded', bearer('all'));
    expect(event.requestContext.authorizer).toMatchObject({
      principalId: 'all',
      type: 'REQUEST',
      trusted: 'true',
      calls: expect.stringMatching(/^\d+$/),
    });
  });

  it('is asked once for each identity while its answer is kept, whatever the method', async () => {
    const first = await callsSeen('/guarded', 'all.kept');
    expect(await callsSeen('/guarded', 'all.kept')).toBe(first);
    expect(await callsSeen('/guarded/thing', 'all.kept')).toBe(first);
    expect(await callsSeen('/guarded', 'all.other')).toBe(first + 1);
  });

  it('has the kept policy held against each method', async () => {
    expect((await call('/guarded', bearer('one'))).status).toBe(200);
    const elsewhere = await call('/guarded/thing', bearer('one'));
    expect(elsewhere.status).toBe(403);
    expect(await elsewhere.json()).toEqual({ Message: 'User is not authorized to access this resource' });
    expect((await call('/guarded/thing', bearer('some'))).status).toBe(200);
    const denied = await call('/guarded/private', bearer('some'));
    expect(denied.status).toBe(403);
    expect(await denied.json()).toEqual({
      Message: 'User is not authorized to access this resource with an explicit deny',
    });
  });

  it.each([
    ['refuses', 'nobody', 401],
    ['fails', 'broken', 500],
    ['answers a policy that cannot be held to', 'odd', 500],
  ])('that %s lets nobody in', async (_, token, status) => {
    expect((await call('/guarded', bearer(token))).status).toBe(status);
  });

  it('of a token gets it, of the right form, and keeps nothing when told so', async () => {
    const malformed = await call('/token', { headers: { Authorization: 'Basic all' } });
    expect(malformed.status).toBe(401);
    const first = await callsSeen('/token', 'all');
    expect(await callsSeen('/token', 'all')).toBe(first + 1);
    const { event } = await toldBy('/token', bearer('all'));
    expect(event.requestContext.authorizer).toMatchObject({ type: 'TOKEN' });
  });
});

describe('a usage plan', () => {
  it('lets nobody in without one of its keys', async () => {
    for (const token of ['all', 'all.another-key']) {
      const response = await call('/keyed', bearer(token));
      expect(response.status).toBe(403);
      expect(await response.json()).toEqual({ message: 'Forbidden' });
    }
  });

  it('refuses what is over its limits', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 5; n += 1)
      statuses.push((await call('/keyed', bearer('all.the-value-of-the-one-key'))).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    // Other methods have no limits of their own.
    expect((await call('/guarded', bearer('all.the-value-of-the-one-key'))).status).toBe(200);
  });
});

describe('a function that invokes another', () => {
  const came = z.looseObject({
    status: z.number().optional(),
    failed: z.boolean().optional(),
    answer: z.looseObject({ body: z.string().optional() }).nullish(),
    error: z.string().optional(),
  });
  const output = (name: string): string => String(cloud.outputs['fixture-api']?.[name]);

  async function invoking(FunctionName: string, payload: object, more: object = {}) {
    const body = JSON.stringify({ FunctionName, payload, ...more });
    const response = await call('/call', { method: 'POST', body });
    return came.parse(await response.json());
  }

  it('gets its answer, by name or alias', async () => {
    for (const name of ['BackendName', 'BackendAlias']) {
      const { status, failed, answer } = await invoking(output(name), { resource: 'direct' });
      expect({ status, failed }).toEqual({ status: 200, failed: false });
      const { arn } = told.pick({ arn: true }).parse(JSON.parse(answer?.body ?? ''));
      expect(arn.endsWith(':live')).toBe(name === 'BackendAlias');
    }
    const { failed } = await invoking(output('BackendName'), { resource: '/raw', body: 'no JSON' });
    expect(failed).toBe(true);
  });

  it('does not wait for it, when it invokes it by an event', async () => {
    const count = () => cloud.statistics()[output('BackendName')]?.invocations ?? 0;
    const before = count();
    const event = await invoking(output('BackendName'), { resource: 'event' }, { InvocationType: 'Event' });
    expect(event).toMatchObject({ status: 202, answer: null });
    await eventually('the invocation', () => (count() > before ? true : undefined));
  });

  it('needs its role to say so', async () => {
    expect(await invoking(output('ClosedName'), {})).toEqual({ error: 'AccessDeniedException' });
    const unknown = `${output('BackendName')}:nothing`;
    expect(await invoking(unknown, {})).toEqual({ error: 'ResourceNotFoundException' });
  });
});

describe('a custom resource', () => {
  const event = z.looseObject({
    RequestType: z.string(),
    ResourceProperties: z.record(z.string(), z.unknown()),
  });
  const events = () =>
    logs.flatMap((line) => {
      const [, text] = /: custom (.*)$/.exec(line) ?? [];
      return text === undefined ? [] : [event.parse(JSON.parse(text))];
    });

  it('is created by its function at the first start, and updated at the next', async () => {
    const [created, ...others] = events();
    expect(others).toEqual([]);
    expect(created).toMatchObject({
      RequestType: 'Create',
      ResourceType: 'Custom::Probe',
      ResourceProperties: { Outcome: 'SUCCESS', Number: '5', Nested: { list: ['true', 'text'] } },
    });
    await cloud.stop();
    cloud = await start(directory.path);
    expect(events()).toMatchObject([
      { RequestType: 'Update', PhysicalResourceId: 'the-one', OldResourceProperties: { Number: '5' } },
    ]);
  });

  it.each([
    ['says so', 'FAILED', 'fixture-api/Custom: Create failed: as told'],
    ['fails itself', 'THROW', '"errorMessage":"thrown"'],
  ])('fails the start when its function %s', async (_, Outcome, message) => {
    const other = temporaryDirectory();
    const kept = logs;
    await expect(start(other.path, { Outcome })).rejects.toThrow(message);
    logs = kept;
    other.remove();
  });
});

it('says when its port is taken', async () => {
  const port = Number(new URL(cloud.apiEndpoint ?? '').port);
  const other = temporaryDirectory();
  await expect(
    startLocalCloud({ assembly: assembly.path, dataDirectory: other.path, ports: { aws: 0, api: port } }),
  ).rejects.toThrow(
    `Port ${port} is in use. Stop what listens there, or choose another port with --api-port.`,
  );
  other.remove();
});

/** A request with headers just as they are given. */
function rawRequest(path: string, headers: string[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const { hostname, port, host } = new URL(cloud.apiEndpoint ?? '');
    const outgoing = httpRequest(
      { hostname, port, path, headers: ['Host', host, ...headers] },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.once('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
      },
    );
    outgoing.once('error', reject);
    outgoing.end();
  });
}
