import type pg from 'pg';
import type { DatabaseSettings } from '../../contracts/database-environment.ts';
import { connectionConfig } from './connection.ts';
import { type Connections, createConnections } from './connections.ts';
import { isConflict, isOutOfReach, unavailable } from './failures.ts';

/** For so long a reader that failed is not asked again: each try might cost its time-out. */
const REST_MS = 5_000;
const TRIES = 3;
const BEGIN_SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

export interface Query {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** The database as its users see it. Without a server that can do it, everything throws `Unavailable`. */
export interface Database {
  /**
   * Asks a reader, and the writer where the reader cannot be reached or does not know yet.
   *
   * @param isThere whether the answer has what must be there; a reader without it may lag behind
   */
  read<Row extends pg.QueryResultRow>(query: Query, isThere: (rows: Row[]) => boolean): Promise<Row[]>;

  /** Runs `work` in a transaction at the writer, again when another one got in its way. */
  write<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T>;

  /** Runs `work` at the writer, where it reads everything as it is at one moment and changes nothing. */
  snapshot<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T>;

  /** Runs one statement at the writer, which is a transaction by itself, again when another one got in its way. */
  execute(query: Query): Promise<void>;

  /** Milliseconds that each takes to answer; null for one that does not. */
  ping(): Promise<{ readonly writer: number | null; readonly reader: number | null }>;
  end(): Promise<void>;
}

export function createDatabase(settings: DatabaseSettings, applicationName: string): Database {
  const { DB_HOST, DB_READER_HOST, DB_PORT, DB_READER_PORT = DB_PORT } = settings;
  const connect = (host: string, port: number) =>
    createConnections(connectionConfig(settings, { host, port }, applicationName));
  const writer = connect(DB_HOST, DB_PORT);
  const isOne = DB_READER_HOST === DB_HOST && DB_READER_PORT === DB_PORT;
  const reader = isOne ? writer : connect(DB_READER_HOST, DB_READER_PORT);
  let restUntil = 0;

  async function askReader<Row extends pg.QueryResultRow>(query: Query): Promise<Row[] | null> {
    if (isOne || performance.now() < restUntil) return null;
    try {
      return await ask<Row>(reader, query);
    } catch (error) {
      if (!isOutOfReach(error)) throw error;
      restUntil = performance.now() + REST_MS;
      return null;
    }
  }

  return {
    async read<Row extends pg.QueryResultRow>(query: Query, isThere: (rows: Row[]) => boolean) {
      const rows = await askReader<Row>(query);
      if (rows !== null && isThere(rows)) return rows;
      try {
        return await ask<Row>(writer, query);
      } catch (error) {
        // The reader's answer, though perhaps not the newest, is better than none.
        if (rows !== null && isOutOfReach(error)) return rows;
        throw isOutOfReach(error) ? unavailable(error) : error;
      }
    },
    write: (work) => atWriter(writer, (client) => transaction(client, 'BEGIN', work)),
    snapshot: (work) => atWriter(writer, (client) => transaction(client, BEGIN_SNAPSHOT, work)),
    execute: ({ text, values }) =>
      atWriter(writer, async (client) => {
        await client.query(text, [...values]);
      }),
    async ping() {
      return { writer: await latency(writer), reader: await latency(reader) };
    },
    async end() {
      await Promise.all(Array.from(new Set([writer, reader]), (one) => one.end()));
    },
  };
}

async function ask<Row extends pg.QueryResultRow>(
  connections: Connections,
  { text, values }: Query,
): Promise<Row[]> {
  const { rows } = await connections.use((client) => client.query<Row>(text, [...values]));
  return rows;
}

async function atWriter<T>(
  connections: Connections,
  work: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await connections.use(work);
    } catch (error) {
      if (isConflict(error) && tries < TRIES) continue;
      throw isOutOfReach(error) ? unavailable(error) : error;
    }
  }
}

async function transaction<T>(
  client: pg.ClientBase,
  begin: string,
  work: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  await client.query(begin);
  try {
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // What cannot be rolled back is on a connection that is not used again, or is gone with it.
    if (!isOutOfReach(error)) await client.query('ROLLBACK');
    throw error;
  }
}

async function latency(connections: Connections): Promise<number | null> {
  const started = performance.now();
  try {
    await ask(connections, { text: 'SELECT 1', values: [] });
    return performance.now() - started;
  } catch (error) {
    if (isOutOfReach(error)) return null;
    throw error;
  }
}
