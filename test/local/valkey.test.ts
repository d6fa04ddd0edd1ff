import { DescribeServerlessCachesCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { Valkey } from 'iovalkey';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openValkey } from '../../local/valkey/open.ts';
import { findServer } from '../../local/valkey/server.ts';
import { type OpenBacking, openBacking } from './backing.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { serve } from './wire.ts';

const { path: data, remove } = temporaryDirectory();
afterAll(remove);

const TEMPLATE = {
  Cache: {
    Type: 'AWS::ElastiCache::ServerlessCache',
    Properties: {
      ServerlessCacheName: 'cache',
      CacheUsageLimits: { DataStorage: { Maximum: 1, Unit: 'GB' } },
    },
  },
  User: {
    Type: 'AWS::ElastiCache::User',
    Properties: {
      UserId: 'functions',
      UserName: 'functions',
      AccessString: 'on ~* +@all -@admin -@dangerous -@scripting -@pubsub +info',
    },
  },
};

function clientOf(cache: OpenBacking, username = 'functions', ca: Buffer[] = [cache.certificate]): Valkey {
  const { attributes } = cache.identity('AWS::ElastiCache::ServerlessCache', {
    ServerlessCacheName: 'cache',
  });
  const client = new Valkey({
    host: attributes!['Endpoint.Address']!,
    port: Number(attributes!['Endpoint.Port']),
    ...{ username, password: 'token', tls: { ca }, lazyConnect: true },
    ...{ retryStrategy: () => null, maxRetriesPerRequest: 0 },
  });
  client.on('error', () => undefined);
  return client;
}

describe.skipIf(findServer() === undefined)('the cache', () => {
  let cache: OpenBacking;
  const clients: Valkey[] = [];
  beforeAll(async () => {
    cache = await openBacking(openValkey, data, TEMPLATE);
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.disconnect();
  });
  afterAll(() => cache.close());

  async function connect(...given: Parameters<typeof clientOf> extends [unknown, ...infer R] ? R : never) {
    const client = clientOf(cache, ...given);
    clients.push(client);
    await client.connect();
    return client;
  }

  it('keeps values over TLS that can be verified', async () => {
    const client = await connect();
    await client.set('key', 'value', 'PX', 60_000);
    expect(await client.get('key')).toBe('value');
    expect(await client.pttl('key')).toBeGreaterThan(50_000);
    expect(cache.notImitated).toEqual([]);
  });

  it('measures what it holds and does', async () => {
    await cache.measure();
    const client = await connect();
    await client.set('measured', 'x'.repeat(200_000), 'PX', 60_000);
    await Promise.all([client.get('measured'), client.get('never')]);
    const measured = await cache.measure();
    expect(measured).toMatchObject({ CacheHits: [1], CacheMisses: [1], Evictions: [0], ThrottledCmds: [0] });
    expect(measured['BytesUsedForCache']?.[0]).toBeGreaterThan(200_000);
    // Both ways over the wire, by the KB.
    expect(measured['ElastiCacheProcessingUnits']?.[0]).toBeGreaterThanOrEqual(400);
  });

  it('is no larger than a laptop bears, and drops what was used least recently', async () => {
    const memory = await (await connect()).info('memory');
    expect(memory).toMatch(new RegExp(`maxmemory:${256 << 20}\\r`));
    expect(memory).toMatch(/maxmemory_policy:allkeys-lru/);
  });

  it.each([
    ['lists keys', (client: Valkey) => client.keys('*')],
    ['empties it', (client: Valkey) => client.flushall()],
    ['changes settings', (client: Valkey) => client.config('SET', 'maxmemory', '0')],
    ['runs code', (client: Valkey) => client.eval('return 1', 0)],
  ])('refuses its user what the template does not allow: whoever %s', async (_what, work) => {
    await expect(work(await connect())).rejects.toThrow(/NOPERM/);
  });

  it('refuses everybody else', async () => {
    const client = clientOf(cache, 'default');
    clients.push(client);
    const errors: string[] = [];
    client.on('error', ({ message }) => errors.push(message));
    await expect(client.connect().then(() => client.get('key'))).rejects.toThrow();
    expect(errors.join('\n')).toContain('WRONGPASS');
  });

  it('is described by ElastiCache’s API', async () => {
    const wire = await serve(data, Object.fromEntries(cache.services));
    const api = new ElastiCacheClient(wire.as());
    const { ServerlessCaches } = await api.send(new DescribeServerlessCachesCommand({}));
    const { attributes } = cache.identity('AWS::ElastiCache::ServerlessCache', {
      ServerlessCacheName: 'cache',
    });
    expect(ServerlessCaches).toEqual([
      expect.objectContaining({
        ARN: attributes!['ARN'],
        CacheUsageLimits: { DataStorage: { Maximum: 1, Unit: 'GB' }, ECPUPerSecond: {} },
        Endpoint: { Address: '127.0.0.1', Port: Number(attributes!['Endpoint.Port']) },
      }),
    ]);
    api.destroy();
    await wire.close();
  });

  it('is not trusted by who does not know its certificate', async () => {
    await expect(connect('functions', [])).rejects.toThrow();
  });
});

describe('without a server on the path', () => {
  const path = process.env['PATH'];
  afterEach(() => {
    process.env['PATH'] = path;
  });

  it('says so, and its address refuses connections', async () => {
    process.env['PATH'] = data;
    const cache = await openBacking(openValkey, data, TEMPLATE);
    expect(cache.notImitated).toEqual([expect.stringContaining('AWS::ElastiCache::ServerlessCache')]);
    const client = clientOf(cache);
    await expect(client.connect()).rejects.toThrow();
    client.disconnect();
    await cache.close();
  });
});
