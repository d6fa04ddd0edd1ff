import {
  DescribeServerlessCachesCommand,
  ElastiCacheClient,
  ModifyServerlessCacheCommand,
  type ModifyServerlessCacheCommandInput,
} from '@aws-sdk/client-elasticache';
import { afterEach, describe, expect, it } from 'vitest';
import { Timeline } from '../../local/timeline.ts';
import { cacheFront } from '../../local/valkey/cache-front.ts';
import { ServerlessCache, usageLimitsSchema } from '../../local/valkey/serverless-cache.ts';
import { eventually } from './eventually.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { granting, serve, type Wire } from './wire.ts';

const NAME = 'answers';
const ARN = 'arn:aws:elasticache:us-east-1:000000000000:serverlesscache:answers';
const LIMITS = {
  DataStorage: { Maximum: 1, Unit: 'GB' },
  ECPUPerSecond: { Maximum: 5000 },
} as const;

let wire: Wire;
let cache: ServerlessCache;
const clients: ElastiCacheClient[] = [];

async function start(speed = 1): Promise<void> {
  const directory = temporaryDirectory();
  cache = new ServerlessCache({
    name: NAME,
    engine: 'valkey',
    endpoint: { address: '127.0.0.1', port: 6379 },
    limits: usageLimitsSchema.parse(LIMITS),
    timeline: new Timeline(speed),
  });
  const authoriser = granting({
    controller: [
      {
        Action: ['elasticache:DescribeServerlessCaches', 'elasticache:ModifyServerlessCache'],
        Resource: ARN,
      },
    ],
    reader: [{ Action: 'elasticache:Describe*', Resource: ARN }],
  });
  wire = await serve(directory.path, { elasticache: cacheFront(cache, authoriser) });
  directory.remove();
}
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  cache.stop();
  await wire.close();
});

function client(role?: string): ElastiCacheClient {
  const made = new ElastiCacheClient(wire.as(role));
  clients.push(made);
  return made;
}

async function describeCache(role?: string, ServerlessCacheName: string | undefined = NAME) {
  const command = new DescribeServerlessCachesCommand({ ServerlessCacheName });
  return (await client(role).send(command)).ServerlessCaches![0]!;
}

const modify = (limits: ModifyServerlessCacheCommandInput['CacheUsageLimits'], role?: string) =>
  client(role).send(
    new ModifyServerlessCacheCommand({ ServerlessCacheName: NAME, CacheUsageLimits: limits }),
  );

describe('the serverless cache', () => {
  it('is described as the template made it', async () => {
    await start();
    const { CreateTime, ...described } = await describeCache('controller');
    expect(described).toEqual({
      ServerlessCacheName: NAME,
      ARN,
      Engine: 'valkey',
      Status: 'available',
      CacheUsageLimits: LIMITS,
      Endpoint: { Address: '127.0.0.1', Port: 6379 },
    });
    expect(Math.abs(CreateTime!.getTime() - Date.now())).toBeLessThan(60_000);
    const all = await client().send(new DescribeServerlessCachesCommand({}));
    expect(all.ServerlessCaches?.map(({ ServerlessCacheName }) => ServerlessCacheName)).toEqual([NAME]);
  });

  it('has new limits when it is modified, and refuses another change until that is done', async () => {
    await start();
    const limits = { DataStorage: { Maximum: 5, Unit: 'GB' }, ECPUPerSecond: { Maximum: 30_000 } } as const;
    const { ServerlessCache: told } = await modify(limits, 'controller');
    expect(told).toMatchObject({ Status: 'modifying', CacheUsageLimits: limits });
    await expect(modify(LIMITS)).rejects.toMatchObject({
      name: 'InvalidServerlessCacheStateFault',
      $metadata: { httpStatusCode: 400 },
    });
    expect(await describeCache()).toMatchObject({ Status: 'modifying', CacheUsageLimits: limits });
  });

  it('is available again after some seconds of the timeline', async () => {
    await start(1000);
    await modify({ ECPUPerSecond: { Minimum: 1000, Maximum: 9000 } });
    const done = await eventually('it is available', async () => {
      const described = await describeCache();
      return described.Status === 'available' ? described : undefined;
    });
    expect(done.CacheUsageLimits).toEqual({
      ...LIMITS,
      ECPUPerSecond: { Minimum: 1000, Maximum: 9000 },
    });
    expect((await modify(LIMITS)).ServerlessCache?.CacheUsageLimits).toEqual(LIMITS);
  });

  it.each([
    [{ DataStorage: { Maximum: 5001, Unit: 'GB' } }, 'from 1 to 5000, not 5001'],
    [{ DataStorage: { Maximum: 0, Unit: 'GB' } }, 'from 1 to 5000, not 0'],
    [{ DataStorage: { Maximum: 5, Unit: undefined } }, 'Unit must be GB'],
    [{ ECPUPerSecond: { Maximum: 999 } }, 'from 1000 to 15000000, not 999'],
    [{ ECPUPerSecond: { Maximum: 2000, Minimum: 3000 } }, 'minimum is more than the maximum'],
  ] as const)('refuses limits that ElastiCache does: %j', async (limits, reason) => {
    await start();
    await expect(modify(JSON.parse(JSON.stringify(limits)))).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: expect.stringContaining(reason),
    });
    expect(await describeCache()).toMatchObject({ Status: 'available', CacheUsageLimits: LIMITS });
  });

  it('is changed by whose role may change it', async () => {
    await start();
    expect(await describeCache('reader')).toMatchObject({ Status: 'available' });
    await expect(modify(LIMITS, 'reader')).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(`elasticache:ModifyServerlessCache on resource: "${ARN}"`),
    });
  });

  it('is the only one there is', async () => {
    await start();
    await expect(describeCache(undefined, 'other')).rejects.toMatchObject({
      name: 'ServerlessCacheNotFoundFault',
      $metadata: { httpStatusCode: 404 },
    });
  });
});
