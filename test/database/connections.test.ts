import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type pg from 'pg';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { connectionConfig } from '../../lambdas/adapters/postgres/connection.ts';
import { createConnections } from '../../lambdas/adapters/postgres/connections.ts';
import { DATABASE_USERS } from '../../lambdas/contracts/database-environment.ts';
import { startPostgres } from './postgres.ts';
import { migrateServer } from './results.ts';

const cluster = await startPostgres();
afterAll(() => cluster.stop());
await migrateServer(cluster.primary);

const closing: (() => unknown)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  for (const close of closing.splice(0).reverse()) await close();
});

function connectionsTo(port: number) {
  const endpoint = { host: '127.0.0.1', port };
  const settings = {
    DB_HOST: '127.0.0.1',
    DB_READER_HOST: '127.0.0.1',
    DB_PORT: port,
    DB_NAME: 'postgres',
    DB_USER: DATABASE_USERS.writer,
    DB_AUTH: 'password',
  } as const;
  const connections = createConnections(connectionConfig(settings, endpoint, 'api-query'));
  closing.push(() => connections.end());
  return connections;
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function serverProcess(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]!.pid;
}

/** Takes both connections until it is told to give them back. */
async function takeAll(connections: ReturnType<typeof createConnections>): Promise<() => Promise<unknown>> {
  const held = Promise.withResolvers<void>();
  const using = [0, 1].map(() => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = connections.use(async () => {
      resolve();
      await held.promise;
    });
    return { promise, done };
  });
  await Promise.all(using.map(({ promise }) => promise));
  return () => {
    held.resolve();
    return Promise.all(using.map(({ done }) => done));
  };
}

describe('connections', () => {
  it('name their function, and have statements end after 30 s', async () => {
    const { rows } = await connectionsTo(cluster.primary.port).use((client) =>
      client.query(
        `SELECT current_setting('application_name') AS name, current_setting('statement_timeout') AS most`,
      ),
    );
    expect(rows).toEqual([{ name: 'api-query', most: '30s' }]);
  });

  it('are two at most; whoever comes third waits for one, up to 30 s', async () => {
    const connections = connectionsTo(cluster.primary.port);
    const giveBack = await takeAll(connections);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let over = false;
    const third = connections.use(async () => 'never').catch((error: unknown) => error);
    void third.finally(() => {
      over = true;
    });
    await vi.advanceTimersByTimeAsync(29_900);
    expect(over).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    expect(await third).toMatchObject({ message: expect.stringContaining('timeout exceeded') });

    const fourth = connections.use(serverProcess);
    await giveBack();
    expect(await fourth).toBeGreaterThan(0);
  });

  it('are made anew after an hour', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const connections = connectionsTo(cluster.primary.port);
    const first = await connections.use(serverProcess);
    await vi.advanceTimersByTimeAsync(3_590_000);
    expect(await connections.use(serverProcess)).toBe(first);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await connections.use(serverProcess)).not.toBe(first);
  });

  it('that no longer answer are replaced before anything is asked on them', async () => {
    const relay = new Relay(cluster.primary.port);
    const connections = connectionsTo(await listening(relay.server));
    const first = await connections.use(serverProcess);
    relay.silence();
    const now = performance.now.bind(performance);
    vi.spyOn(performance, 'now').mockImplementation(() => now() + 6000);
    const second = await connections.use(serverProcess);
    expect(second).not.toBe(first);
    expect(await connections.use(serverProcess)).toBe(second);
  });

  it('are given up that are not there after 10 s', async () => {
    const silent = createServer((socket) => closing.push(() => socket.destroy()));
    const connections = connectionsTo(await listening(silent));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let over = false;
    const asked = connections.use(serverProcess).catch((error: unknown) => error);
    void asked.finally(() => {
      over = true;
    });
    await vi.advanceTimersByTimeAsync(9900);
    expect(over).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    expect(await asked).toBeInstanceOf(Error);
  });
});

/** What stands between, and can leave the connections there are without an answer, as a network does that forgot them. */
class Relay {
  readonly server: Server;
  readonly #pairs: [Socket, Socket][] = [];

  constructor(port: number) {
    this.server = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      near.pipe(far).pipe(near);
      for (const socket of [near, far]) {
        socket.on('error', () => undefined);
        closing.push(() => socket.destroy());
      }
      this.#pairs.push([near, far]);
    });
  }

  silence(): void {
    for (const [near, far] of this.#pairs) {
      near.unpipe(far);
      far.unpipe(near);
    }
  }
}
