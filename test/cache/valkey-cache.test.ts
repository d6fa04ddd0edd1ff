import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createValkeyCache, type SharedCache } from '../../lambdas/adapters/cache/valkey-cache.ts';
import { METRICS, type MetricName } from '../../lambdas/contracts/metric-names.ts';
import { freePort, SERVER, startValkey, type ValkeyServer } from './valkey-server.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const clock = { now: Date.now };
const bytes = (text: string) => new TextEncoder().encode(text);
const inAMinute = () => Date.now() + 60_000;

function cacheAt(port: number) {
  const counts = new Map<MetricName, number>();
  const metrics = {
    count: (name: MetricName, value = 1) => void counts.set(name, (counts.get(name) ?? 0) + value),
    seconds: () => undefined,
  };
  const account = { tls: false, user: 'default', password: async () => '' };
  const cache = createValkeyCache({ host: '127.0.0.1', port, ...account, restMs: 300 }, clock, metrics);
  closing.push(() => cache.close());
  return { cache, counts };
}

async function startServer(port?: number, more?: readonly string[]): Promise<ValkeyServer> {
  const server = await startValkey(port, more);
  closing.push(() => server.stop());
  return server;
}

/** Milliseconds that some calls, one after the other, take on average. */
async function average(calls: number, call: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  for (let i = 0; i < calls; i++) await call();
  return (performance.now() - started) / calls;
}

/** Asks until the connection stands: the first callers do not wait for it. */
async function settled(cache: SharedCache): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    await cache.set('settled', { value: bytes('yes'), expiresAt: inAMinute() });
    if ((await cache.get('settled')) !== null) return;
    if (Date.now() > deadline) throw new Error('The cache did not come up.');
  }
}

describe.skipIf(SERVER === undefined)('the shared cache on a real server', () => {
  it('gives back the bytes and the moment they expire, and nothing after that', async () => {
    const { cache } = cacheAt((await startServer()).port);
    await settled(cache);
    const value = Uint8Array.from({ length: 256 }, (_, i) => i);
    const expiresAt = Date.now() + 300;
    await cache.set('bytes', { value, expiresAt });
    const entry = await cache.get('bytes');
    expect([...(entry?.value ?? [])]).toEqual([...value]);
    expect(entry?.expiresAt).toBe(expiresAt);
    await expect.poll(() => cache.get('bytes'), { timeout: 5000 }).toBeNull();
  });

  it('forgets what is deleted and never had what is unknown', async () => {
    const { cache } = cacheAt((await startServer()).port);
    await settled(cache);
    await cache.delete('settled');
    expect(await cache.get('settled')).toBeNull();
    expect(await cache.get('unknown')).toBeNull();
  });

  it('does not keep values that would hold others up', async () => {
    const { cache } = cacheAt((await startServer()).port);
    await settled(cache);
    await cache.set('large', { value: new Uint8Array((1 << 20) + 1), expiresAt: inAMinute() });
    expect(await cache.get('large')).toBeNull();
  });

  it('has nothing while the server is gone, does not keep callers waiting, and has it again afterwards', async () => {
    const server = await startServer();
    const { cache, counts } = cacheAt(server.port);
    await settled(cache);
    await server.stop();
    expect(await average(20, () => cache.get('settled'))).toBeLessThan(100);
    expect(await cache.get('settled')).toBeNull();
    expect(cache.available).toBe(false);
    expect(counts.get(METRICS.cacheBreaks)).toBe(1);
    await startServer(server.port);
    await settled(cache);
    expect(cache.available).toBe(true);
  });

  it('has nothing while the server stalls, and stops asking it', async () => {
    const server = await startServer();
    const { cache, counts } = cacheAt(server.port);
    await settled(cache);
    server.pause();
    closing.push(() => server.resume());
    // The server's clients would wait two seconds and more.
    expect(await average(5, () => cache.get('settled'))).toBeLessThan(400);
    expect(cache.available).toBe(false);
    expect(counts.get(METRICS.cacheFailures)).toBe(5);
    expect(await average(3, () => cache.get('settled'))).toBeLessThan(50);
    server.resume();
    await settled(cache);
  });

  it('goes on with what it has when the server is full', async () => {
    const limits = ['--maxmemory', '4mb', '--maxmemory-policy', 'noeviction'];
    const { cache, counts } = cacheAt((await startServer(undefined, limits)).port);
    await settled(cache);
    counts.clear();
    const large = { value: new Uint8Array(1 << 20), expiresAt: inAMinute() };
    for (let i = 0; i < 4; i++) await cache.set(`large ${i}`, large);
    expect(counts.get(METRICS.cacheFailures)).toBeGreaterThan(0);
    expect(await cache.get('large 3')).toBeNull();
    expect(await cache.get('settled')).not.toBeNull();
  });
});

describe('the shared cache without a server', () => {
  it('has nothing when nobody listens, and says so to whoever asks for its state', async () => {
    const { cache, counts } = cacheAt(await freePort());
    for (let i = 0; i < 5; i++) expect(await cache.get('any')).toBeNull();
    expect(cache.available).toBe(false);
    expect(counts.get(METRICS.cacheFailures)).toBe(5);
    await expect(cache.ping()).rejects.toThrow();
  });

  it('does not wait for a server that takes connections and says nothing', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    closing.push(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    const { port } = silent.address() as AddressInfo;
    const { cache } = cacheAt(port);
    expect(await average(3, () => cache.get('any'))).toBeLessThan(400);
    expect(await cache.get('any')).toBeNull();
  });
});
