import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { copyForFollower, initialise } from '../../local/aurora/data.ts';
import { connectionTo, PostgresServer as Server } from '../../local/aurora/server.ts';
import { Workplace } from '../../local/aurora/workplace.ts';

const OWNER = 'owner';
const EVERYONE = [
  'local all all trust',
  'local replication all trust',
  'host all all 127.0.0.1/32 trust',
  '',
];

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
  const workplace = await Workplace.open();
  const started: Server[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.stop('SIGQUIT')));
    workplace.remove();
  };
  try {
    const [port = 0, ...ports] = await freePorts(1 + replicas);
    const { programs, directory: parent } = workplace;
    const options = { programs, superuser: OWNER, admission: EVERYONE.join('\n'), log: () => undefined };
    const directory = join(parent, 'data0');
    await initialise({ ...options, directory });
    const standbys = ports.map((_, index) => join(parent, `data${index + 1}`));
    for (const standby of standbys) copyForFollower(programs.identity, directory, standby);
    const start = async (dataDirectory: string, ownPort: number, follows?: string) => {
      const socketDirectory = workplace.makeSocketDirectory(`${ownPort}`);
      const paths = { dataDirectory, socketDirectory, ...(follows !== undefined && { follows }) };
      const server = await Server.start({ ...options, ...paths, port: ownPort });
      started.push(server);
      return handleOf(server, ownPort);
    };
    const primary = await start(directory, port);
    const follows = connectionTo(started[0]!.socketDirectory, OWNER, port);
    const starting = standbys.map((standby, index) => start(standby, ports[index]!, follows));
    // None is left behind when another fails.
    await Promise.allSettled(starting);
    return { primary, replicas: await Promise.all(starting), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function handleOf(server: Server, port: number): PostgresServer {
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ host: '127.0.0.1', port, user: OWNER, database: 'postgres' });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  return {
    port,
    connect,
    kill: () => server.stop('SIGQUIT'),
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
