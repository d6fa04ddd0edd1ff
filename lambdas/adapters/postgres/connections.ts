import pg from 'pg';
import { isOutOfReach } from './failures.ts';

/** An execution environment handles one request at a time; a second connection serves what it does side by side. */
const MOST = 2;
const ACQUIRE_MS = 30_000;
const LIFETIME_SECONDS = 3600;
/** A connection that was not used for so long may have gone: environments are frozen between requests. */
const TRUSTED_MS = 5_000;
const PING_MS = 2_000;

/** Connections to one endpoint, kept between requests. */
export interface Connections {
  /**
   * Runs `work` on a connection that answers. One that breaks is not used again.
   *
   * @throws whatever `work` throws, and the client's errors when there is no connection to be had
   */
  use<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T>;
  end(): Promise<void>;
}

export function createConnections(config: pg.ClientConfig): Connections {
  const pool = new pg.Pool({
    ...config,
    Client: clientOf(config),
    max: MOST,
    // The pool's own is for the wait for a connection, the making of one included.
    connectionTimeoutMillis: ACQUIRE_MS,
    maxLifetimeSeconds: LIFETIME_SECONDS,
    // A frozen environment could not keep the promise; what the server closed meanwhile is found when it is needed.
    idleTimeoutMillis: 0,
    allowExitOnIdle: true,
  });
  const usedAt = new WeakMap<pg.ClientBase, number>();
  // An idle connection that breaks is taken out of the pool by the pool; whoever comes next gets another.
  pool.on('error', () => undefined);

  async function acquire(): Promise<pg.PoolClient> {
    for (;;) {
      const client = await pool.connect();
      const since = usedAt.get(client);
      if (since === undefined || performance.now() - since < TRUSTED_MS || (await answers(client)))
        return client;
      client.release(true);
    }
  }

  return {
    async use(work) {
      const client = await acquire();
      try {
        const result = await work(client);
        usedAt.set(client, performance.now());
        client.release();
        return result;
      } catch (error) {
        usedAt.set(client, performance.now());
        client.release(isOutOfReach(error));
        throw error;
      }
    },
    end: () => pool.end(),
  };
}

function clientOf(config: pg.ClientConfig) {
  return class extends pg.Client {
    constructor() {
      super(config);
    }
  };
}

async function answers(client: pg.PoolClient): Promise<boolean> {
  const ping = { text: 'SELECT 1', query_timeout: PING_MS };
  try {
    await client.query(ping);
    return true;
  } catch {
    return false;
  }
}
