import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  createCloudWatchCacheLoad,
  createCloudWatchWorkersLoad,
} from '../../lambdas/adapters/cloudwatch-capacity-load.ts';
import { createDynamoCapacityMemory } from '../../lambdas/adapters/dynamodb-capacity-memory.ts';
import { createElastiCacheLimits } from '../../lambdas/adapters/elasticache-limits.ts';
import { createEventSourceCaps } from '../../lambdas/adapters/lambda-event-source-caps.ts';
import { type CapacityPlan, workersMemorySchema } from '../../lambdas/contracts/capacity.ts';
import type { Asked } from '../../lambdas/ports/capacity-load.ts';
import { startJobsTable } from './jobs-table.ts';

type Answer = { status?: number; body: string };
type Serve = (request: IncomingMessage, body: string) => Answer | Promise<Answer>;

/** What a service answers, set by each test. */
let serve: Serve;
const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { status = 200, body } = await serve(request, Buffer.concat(chunks).toString());
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const config = {
  endpoint: `http://127.0.0.1:${port}`,
  region: 'eu-west-2',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
};
const table = await startJobsTable();
afterAll(() => server.close());

describe('the caps at event source mappings', () => {
  interface Mapping {
    State: string;
    ScalingConfig?: { MaximumConcurrency: number };
    ProvisionedPollerConfig?: { MinimumPollers: number; MaximumPollers: number };
  }
  const caps = createEventSourceCaps(
    new LambdaClient(config),
    { analysis: 'a', signature: 's', report: 'r' },
    { times: 3, apart: 1 },
  );
  const before = { analysis: 40, signature: 20, report: 4 };
  const doubled = { analysis: 80, signature: 40, report: 8 };
  let mappings: Record<string, Mapping>;
  let refused: (id: string, change: Partial<Mapping>) => boolean;
  let changes: unknown[];

  beforeEach(() => {
    changes = [];
    refused = () => false;
    mappings = {
      a: { State: 'Enabled', ScalingConfig: { MaximumConcurrency: 40 } },
      s: { State: 'Enabled', ProvisionedPollerConfig: { MinimumPollers: 2, MaximumPollers: 2 } },
      r: { State: 'Disabled', ScalingConfig: { MaximumConcurrency: 4 } },
    };
    serve = ({ method, url = '' }, body) => {
      const id = url.split('/').at(-1)!;
      if (method === 'PUT') {
        const change = JSON.parse(body);
        if (refused(id, change)) {
          return { status: 400, body: JSON.stringify({ message: 'It is in use.', id }) };
        }
        Object.assign(mappings[id]!, change);
        changes.push({ [id]: change });
      }
      return { body: JSON.stringify({ UUID: id, ...mappings[id] }) };
    };
  });

  it('are read as numbers of workers, of pollers too', async () => {
    expect(await caps.read()).toEqual({ caps: before, isUpdating: false });
  });

  it.each(['Creating', 'Updating', 'Enabling', 'Deleting'])(
    'are being changed while one is %s',
    async (State) => {
      mappings['s']!.State = State;
      expect(await caps.read()).toMatchObject({ isUpdating: true });
    },
  );

  it('are set at all mappings, and pollers that are always ready stay', async () => {
    await caps.set(doubled, before);
    expect(changes).toHaveLength(3);
    expect(changes).toEqual(
      expect.arrayContaining([
        { a: { ScalingConfig: { MaximumConcurrency: 80 } } },
        { s: { ProvisionedPollerConfig: { MinimumPollers: 2, MaximumPollers: 4 } } },
        { r: { ScalingConfig: { MaximumConcurrency: 8 } } },
      ]),
    );
  });

  it('are set at the same time, so that they are mixed as shortly as can be', async () => {
    const [answer, waiting] = [serve, new Set<string>()];
    serve = async (request, body) => {
      if (request.method === 'PUT') {
        waiting.add(request.url!);
        await expect.poll(() => waiting.size).toBe(3);
      }
      return answer(request, body);
    };
    await caps.set(doubled, before);
    expect((await caps.read()).caps).toEqual(doubled);
  });

  it('are left alone where they are right already', async () => {
    await caps.set({ analysis: 40, signature: 40, report: 4 }, before);
    expect(changes).toHaveLength(1);
  });

  it('are put back when one of them is refused', async () => {
    refused = (id) => id === 'r';
    await expect(caps.set(doubled, before)).rejects.toThrow('It is in use.');
    expect((await caps.read()).caps).toEqual(before);
    expect(changes).toHaveLength(4);
  });

  it('are put back as soon as Lambda takes changes again', async () => {
    let refusals = 0;
    refused = (id, { ScalingConfig }) => {
      const isBack = id === 'a' && ScalingConfig?.MaximumConcurrency === 40;
      if (isBack) refusals += 1;
      return id === 'r' || (isBack && refusals < 3);
    };
    await expect(caps.set(doubled, before)).rejects.toMatchObject({ message: 'It is in use.' });
    expect((await caps.read()).caps).toEqual(before);
  });

  it('are set when it is only an answer that is missing', async () => {
    const answer = serve;
    serve = async (request, body) => {
      const answered = await answer(request, body);
      return request.method === 'PUT' ? { status: 500, body: '{}' } : answered;
    };
    await caps.set(doubled, before);
    expect((await caps.read()).caps).toEqual(doubled);
  });

  it('are known to be out of proportion when they cannot be put back either', async () => {
    refused = (id, { ScalingConfig }) => id === 'r' || ScalingConfig?.MaximumConcurrency === 40;
    await expect(caps.set(doubled, before)).rejects.toThrow(
      expect.objectContaining({
        name: 'AggregateError',
        message: expect.stringContaining('out of proportion'),
        errors: [expect.anything(), expect.anything()],
      }),
    );
    expect((await caps.read()).caps).toEqual({ analysis: 80, signature: 20, report: 4 });
  });

  it('are refused of a mapping without one', async () => {
    mappings['a'] = { State: 'Enabled' };
    await expect(caps.read()).rejects.toThrow('The event source mapping a has no cap.');
  });
});

describe('what is measured', () => {
  const queue = (name: string) => ({
    queueName: `${name}-queue`,
    queueUrl: `https://queues.example/${name}-queue`,
    functionName: `${name}-worker`,
    mapping: 'm',
    weight: 1,
    promisedWaitSeconds: 60,
  });
  const limits = { gigabytes: 1, unitsPerSecond: 1000 };
  const plan: CapacityPlan = {
    workers: {
      least: 2,
      usual: 2,
      most: 4,
      step: 1,
      queues: { analysis: queue('analysis'), report: queue('report') },
    },
    database: { cluster: 'results', hasReaders: true, proxy: 'pool' },
    cache: { name: 'answers', usual: limits, most: limits },
  };
  const NOW = Date.parse('2026-03-01T12:00:30Z');
  const querySchema = z.object({
    StartTime: z.number(),
    EndTime: z.number(),
    MetricDataQueries: z.array(
      z.object({
        Id: z.string().regex(/^[a-z]\w*$/),
        MetricStat: z.object({
          Metric: z.object({
            Namespace: z.string(),
            MetricName: z.string(),
            Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })),
          }),
          Period: z.int(),
          Stat: z.string(),
        }),
      }),
    ),
  });
  type Query = z.infer<typeof querySchema>;
  let asked: Query[];

  /** Answers with values by id, each of so many minutes ago. */
  function answer(values: Record<string, [value: number, minutesAgo: number][]>, StatusCode = 'Complete') {
    asked = [];
    serve = (_request, body) => {
      const query = querySchema.parse(JSON.parse(body));
      asked.push(query);
      const MetricDataResults = query.MetricDataQueries.map(({ Id }) => ({
        Id,
        StatusCode,
        Timestamps: (values[Id] ?? []).map(([, minutes]) => NOW / 1000 - 60 * minutes),
        Values: (values[Id] ?? []).map(([value]) => value),
      }));
      return { body: JSON.stringify({ MetricDataResults }) };
    };
  }
  const EVERYTHING: Asked = { queues: ['analysis', 'report'], isDatabaseAsked: true };
  const client = new CloudWatchClient(config);
  const read = (wanted: Partial<Asked> = {}, changed: Partial<CapacityPlan> = {}) =>
    createCloudWatchWorkersLoad(client, { ...plan, ...changed }).read(NOW, { ...EVERYTHING, ...wanted });
  const readCache = () => createCloudWatchCacheLoad(client, plan.cache).read(NOW);

  const metricsAsked = () =>
    asked.flatMap(({ MetricDataQueries }) =>
      MetricDataQueries.map(({ MetricStat: { Metric, Stat, Period } }) =>
        [
          `${Metric.Namespace}/${Metric.MetricName}`,
          ...Metric.Dimensions.map(({ Name, Value }) => `${Name}=${Value}`),
          Stat,
          Period,
        ].join(' '),
      ),
    );

  it('is the newest of tasks and the database, in one call', async () => {
    answer({
      analysis_oldest: [
        [30, 1],
        [80, 2],
      ],
      analysis_duration: [[2500, 9]],
      writer_cpu: [[70, 1]],
      reader_cpu: [[40, 1]],
      writer_capacity: [[90, 1]],
      pinned: [[3, 1]],
    });
    expect(await read()).toEqual({
      tasks: {
        analysis: { oldestSeconds: 30, meanSeconds: 2.5 },
        report: { oldestSeconds: 0, meanSeconds: null },
      },
      database: { writerCpu: 70, readerCpu: 40, capacity: 90, pinned: 3 },
    });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ StartTime: NOW / 1000 - 900, EndTime: NOW / 1000 });
    expect(metricsAsked().filter((text) => !text.includes('=report'))).toEqual([
      'AWS/SQS/ApproximateAgeOfOldestMessage QueueName=analysis-queue Maximum 60',
      'AWS/Lambda/Duration FunctionName=analysis-worker Average 300',
      'AWS/RDS/CPUUtilization DBClusterIdentifier=results Role=WRITER Average 60',
      'AWS/RDS/ACUUtilization DBClusterIdentifier=results Role=WRITER Average 60',
      'AWS/RDS/CPUUtilization DBClusterIdentifier=results Role=READER Average 60',
      'AWS/RDS/DatabaseConnectionsCurrentlySessionPinned ProxyName=pool Average 60',
    ]);
  });

  it('is of the cache what it uses', async () => {
    answer({ cache_bytes: [[7.5e8, 1]], cache_units: [[6000, 1]] });
    expect(await readCache()).toEqual({ gigabytes: 0.75, unitsPerSecond: 100 });
    expect(metricsAsked()).toEqual([
      'AWS/ElastiCache/BytesUsedForCache clusterId=answers Maximum 60',
      'AWS/ElastiCache/ElastiCacheProcessingUnits clusterId=answers Sum 60',
    ]);
  });

  it('is nothing where what is known is old', async () => {
    answer({
      analysis_oldest: [[120, 6]],
      report_oldest: [[1, 4]],
      writer_cpu: [[70, 6]],
      cache_bytes: [[1, 14]],
    });
    expect(await read()).toMatchObject({
      tasks: { analysis: { oldestSeconds: 0 }, report: { oldestSeconds: 1 } },
      database: { writerCpu: null },
    });
    expect(await readCache()).toEqual({ gigabytes: null, unitsPerSecond: null });
  });

  it('is asked only of what is wanted', async () => {
    answer({ writer_cpu: [[70, 1]], analysis_oldest: [[5, 1]] });
    expect(await read({ queues: ['analysis'], isDatabaseAsked: false })).toEqual({
      tasks: { analysis: { oldestSeconds: 5, meanSeconds: null } },
      database: { writerCpu: null, readerCpu: null, capacity: null, pinned: null },
    });
    expect(metricsAsked()).toHaveLength(2);
    asked = [];
    expect((await read({ queues: [], isDatabaseAsked: false })).tasks).toEqual({});
    expect(asked).toEqual([]);
  });

  it('is asked of no reader and no proxy where there is none', async () => {
    answer({});
    await read({}, { database: { cluster: 'results', hasReaders: false, proxy: null } });
    const ids = asked[0]!.MetricDataQueries.map(({ Id }) => Id);
    expect(ids).not.toContain('reader_cpu');
    expect(ids).not.toContain('pinned');
    expect(ids).toContain('writer_cpu');
  });

  it.each(['InternalError', 'Forbidden'])(
    'is not taken for nothing when CloudWatch answers %s',
    async (code) => {
      answer({}, code);
      await expect(read()).rejects.toMatchObject({ name: 'ZodError' });
      await expect(readCache()).rejects.toMatchObject({ name: 'ZodError' });
    },
  );
});

describe('the limits of the cache', () => {
  const limits = createElastiCacheLimits(new ElastiCacheClient(config), 'answers');
  const described = (status: string) => ({
    body: `<DescribeServerlessCachesResponse xmlns="http://elasticache.amazonaws.com/doc/2015-02-02/">
      <DescribeServerlessCachesResult><ServerlessCaches><member>
        <ServerlessCacheName>answers</ServerlessCacheName><Status>${status}</Status>
        <CacheUsageLimits><DataStorage><Maximum>5</Maximum><Unit>GB</Unit></DataStorage>
        <ECPUPerSecond><Maximum>20000</Maximum></ECPUPerSecond></CacheUsageLimits>
      </member></ServerlessCaches></DescribeServerlessCachesResult>
      </DescribeServerlessCachesResponse>`,
  });

  it.each([
    { status: 'available', isChanging: false },
    { status: 'AVAILABLE', isChanging: false },
    { status: 'modifying', isChanging: true },
  ])('are told while it is $status', async ({ status, isChanging }) => {
    serve = () => described(status);
    expect(await limits.read()).toEqual({
      limits: { gigabytes: 5, unitsPerSecond: 20_000 },
      status: status.toLowerCase(),
      isChanging,
    });
  });

  it('are set as maxima only', async () => {
    let sent = '';
    serve = (_request, body) => {
      sent = body;
      return { body: '<ModifyServerlessCacheResponse/>' };
    };
    await limits.set({ gigabytes: 8, unitsPerSecond: 30_000 });
    expect(Object.fromEntries(new URLSearchParams(sent))).toEqual({
      Action: 'ModifyServerlessCache',
      Version: '2015-02-02',
      ServerlessCacheName: 'answers',
      'CacheUsageLimits.DataStorage.Maximum': '8',
      'CacheUsageLimits.DataStorage.Unit': 'GB',
      'CacheUsageLimits.ECPUPerSecond.Maximum': '30000',
    });
  });
});

describe('the memory of the controller', () => {
  const create = (name: string) =>
    createDynamoCapacityMemory(table.client, table.name, name, workersMemorySchema);
  const value = (at: number) => ({ at, wishes: [{ at, multiplier: 2 }], levels: [] });

  it('is none at first, and then what was written last', async () => {
    const memory = create('fresh');
    expect(await memory.read()).toEqual({ value: null, revision: 0, heldUntil: null });
    expect(await memory.write(value(1), 0, null)).toBe(true);
    expect(await memory.write(value(2), 1, 5000)).toBe(true);
    expect(await memory.read()).toEqual({ value: value(2), revision: 2, heldUntil: 5000 });
    expect(await memory.write(value(3), 2, null)).toBe(true);
    expect(await memory.read()).toMatchObject({ revision: 3, heldUntil: null });
    expect(await create('another').read()).toEqual({ value: null, revision: 0, heldUntil: null });
  });

  it('is written by one of those who read the same', async () => {
    const memory = create('shared');
    for (const revision of [0, 1]) {
      const written = await Promise.all([1, 2, 3].map((at) => memory.write(value(at), revision, null)));
      expect(written.filter(Boolean)).toHaveLength(1);
    }
    expect(await memory.write(value(9), 0, null)).toBe(false);
    expect((await memory.read()).revision).toBe(2);
  });

  it('of another shape is forgotten, and written over', async () => {
    const other = createDynamoCapacityMemory(table.client, table.name, 'old', z.object({ k: z.number() }));
    await other.write({ k: 8 }, 0, null);
    const memory = create('old');
    expect(await memory.read()).toEqual({ value: null, revision: 1, heldUntil: null });
    expect(await memory.write(value(1), 1, null)).toBe(true);
  });
});
