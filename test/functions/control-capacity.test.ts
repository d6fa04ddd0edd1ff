import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CapacityPlan } from '../../lambdas/contracts/capacity.ts';
import { handler } from '../../lambdas/functions/control-capacity.ts';
import { CREDENTIALS, startJobsTable } from '../adapters/jobs-table.ts';
import { INVOCATION } from './cloud.ts';

/** Lambda, SQS, CloudWatch and ElastiCache behind one address: a queue with a backlog, and a cache that answers or does not. */
const cloud = { caps: new Map<string, number>(), hasCache: true, visible: 0, asked: [] as number[] };
const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  if (request.url?.includes('event-source-mappings')) response.end(answerMapping(request, body));
  else if (String(request.headers['x-amz-target']).startsWith('AmazonSQS')) response.end(answerDepths(body));
  else if (body.startsWith('{')) response.end(answerMetrics(body));
  else if (cloud.hasCache) response.end(CACHE);
  else
    response
      .writeHead(400)
      .end('<ErrorResponse><Error><Code>Nope</Code><Message>No.</Message></Error></ErrorResponse>');
});

function answerMapping({ url = '', method }: IncomingMessage, body: string): string {
  const id = url.split('/').at(-1)!;
  if (method === 'PUT') cloud.caps.set(id, JSON.parse(body).ScalingConfig.MaximumConcurrency);
  return JSON.stringify({ State: 'Enabled', ScalingConfig: { MaximumConcurrency: cloud.caps.get(id) } });
}

function answerDepths(body: string): string {
  const visible = JSON.parse(body).QueueUrl.endsWith('/s') ? cloud.visible : 0;
  const Attributes = {
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: '0',
  };
  return JSON.stringify({ Attributes });
}

function answerMetrics(body: string): string {
  const { EndTime, MetricDataQueries } = JSON.parse(body);
  cloud.asked.push(EndTime * 1000);
  const MetricDataResults = MetricDataQueries.map(({ Id }: { Id: string }) => ({
    Id,
    StatusCode: 'Complete',
    ...(Id === 'signature_duration' && { Timestamps: [EndTime - 60], Values: [1000] }),
  }));
  return JSON.stringify({ MetricDataResults });
}

const CACHE = `<DescribeServerlessCachesResponse><DescribeServerlessCachesResult><ServerlessCaches><member>
  <Status>available</Status><CacheUsageLimits><DataStorage><Maximum>1</Maximum><Unit>GB</Unit></DataStorage>
  <ECPUPerSecond><Maximum>1000</Maximum></ECPUPerSecond></CacheUsageLimits>
  </member></ServerlessCaches></DescribeServerlessCachesResult></DescribeServerlessCachesResponse>`;

const table = await startJobsTable();
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const endpoint = `http://127.0.0.1:${port}`;

const queue = (mapping: string, weight: number) => ({
  queueName: mapping,
  queueUrl: `${endpoint}/444455556666/${mapping}`,
  functionName: mapping,
  mapping,
  weight,
  promisedWaitSeconds: 120,
});
const limits = { gigabytes: 1, unitsPerSecond: 1000 };
const PLAN: CapacityPlan = {
  workers: {
    least: 2,
    usual: 2,
    most: 10,
    step: 1,
    queues: { analysis: queue('a', 10), signature: queue('s', 5), report: queue('r', 1) },
  },
  database: { cluster: 'results', hasReaders: false, proxy: null },
  cache: { name: 'answers', usual: limits, most: { gigabytes: 5, unitsPerSecond: 5000 } },
};

afterAll(() => {
  server.close();
  vi.restoreAllMocks();
});

let lines: string[] = [];
beforeAll(() => {
  const environment = {
    JOBS_TABLE: table.name,
    METRICS_NAMESPACE: 'test',
    CAPACITY_PLAN: JSON.stringify(PLAN),
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_MAX_ATTEMPTS: '1',
    AWS_ENDPOINT_URL_LAMBDA: endpoint,
    AWS_ENDPOINT_URL_SQS: endpoint,
    AWS_ENDPOINT_URL_CLOUDWATCH: endpoint,
    AWS_ENDPOINT_URL_ELASTICACHE: endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
});
beforeEach(() => {
  lines = [];
  Object.assign(cloud, { hasCache: true, visible: 12_000, asked: [] });
  for (const [id, cap] of [
    ['a', 20],
    ['s', 10],
    ['r', 2],
  ] as const)
    cloud.caps.set(id, cap);
});

const scheduled = (time: string) => ({ 'detail-type': 'Scheduled Event', source: 'aws.events', time });
const rung = (timestamp: string) => ({
  source: 'aws.cloudwatch',
  alarmArn: 'arn:aws:cloudwatch:us-east-1:444455556666:alarm:backlog',
  time: timestamp,
  alarmData: { alarmName: 'backlog', state: { value: 'ALARM', reason: 'It is so.', timestamp } },
});
const caps = () => Object.fromEntries(cloud.caps);
const logged = () => lines.map((line) => JSON.parse(line));

describe('the capacity controller', () => {
  it('keeps to the time of what called it, a schedule or an alarm, and says why it did what', async () => {
    await handler(scheduled('2026-03-01T10:00:00Z'), INVOCATION);
    expect(caps()).toEqual({ a: 20, s: 10, r: 2 });
    lines = [];
    await handler(rung('2026-03-01T10:01:00.250+0000'), INVOCATION);
    expect(caps()).toEqual({ a: 40, s: 20, r: 4 });
    expect([...new Set(cloud.asked)].map((at) => new Date(at).toISOString())).toEqual([
      '2026-03-01T10:00:00.000Z',
      '2026-03-01T10:01:00.250Z',
    ]);
    const [workers, cache, metrics] = ['Workers', 'The cache', undefined].map((start) =>
      logged().find(({ message, _aws }) => (start === undefined ? _aws : message?.startsWith(start))),
    );
    expect(workers).toMatchObject({
      level: 'info',
      trigger: 'backlog',
      lambdaRequestId: INVOCATION.awsRequestId,
      message: 'Workers are raised from 2 to 4, of 40: the signature queue takes 1200 s to drain, of 60 s.',
      at: '2026-03-01T10:01:00.250Z',
      reason: 'raised',
      from: 2,
      to: 4,
      wanted: 40,
    });
    expect(workers.memory).toBeUndefined();
    expect(cache).toMatchObject({ gigabytes: { reason: 'no-data' } });
    expect(metrics).toMatchObject({ CapacityMultiplier: 4, CapacityRaised: 1, CacheGigabytesAllowed: 1 });
  });

  it('says in one line when there is nothing to do', async () => {
    await handler(scheduled('2026-03-01T10:01:00Z'), INVOCATION);
    const [line, ...more] = logged().filter(({ message }) => message?.startsWith('Workers'));
    expect(line).toMatchObject({ level: 'info', trigger: 'schedule', reason: 'repeated' });
    expect(more).toEqual([]);
  });

  it('controls workers although the cache does not answer, and fails then', async () => {
    cloud.hasCache = false;
    await expect(handler(scheduled('2026-03-01T10:02:00Z'), INVOCATION)).rejects.toThrow(
      'Capacity could not be controlled.',
    );
    expect(caps()).toEqual({ a: 40, s: 20, r: 4 });
    const failures = logged().filter(({ level }) => level === 'error');
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ error: { errors: [{ error: { name: 'Nope', message: 'No.' } }] } });
    expect(logged().some(({ CapacityMultiplier }) => CapacityMultiplier === 4)).toBe(true);
  });

  it.each([
    {},
    { ...scheduled('yesterday') },
    { ...rung('2026-03-01') },
    { 'detail-type': 'Object Created', time: '2026-03-01T10:00:00Z' },
  ])('refuses %j', async (event) => {
    await expect(handler(event, INVOCATION)).rejects.toMatchObject({ name: 'ZodError' });
  });
});
