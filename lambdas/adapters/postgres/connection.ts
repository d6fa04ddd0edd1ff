import { readFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';
import { Signer } from '@aws-sdk/rds-signer';
import pg from 'pg';
import type { DatabaseSettings } from '../../contracts/database-environment.ts';

const CONNECT_MS = 10_000;
/** Longer than the server takes to end a statement by itself: this is for servers that no longer answer. */
const ANSWER_MS = 35_000;

/** Exact integers and days as the ports have them: counts below 2^53 as numbers, days as text, times in UTC. */
const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  [pg.types.builtins.INT8]: Number,
  [pg.types.builtins.DATE]: (text) => text,
  [pg.types.builtins.TIMESTAMPTZ]: (text) => new Date(text).toISOString(),
};
const TYPES: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    PARSERS[oid] ?? pg.types.getTypeParser(oid, format),
};

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** How to connect to one endpoint as the function's user. A token is signed for each connection, and good for 15 min. */
export function connectionConfig(
  settings: DatabaseSettings,
  { host, port }: Endpoint,
  applicationName: string,
): pg.ClientConfig {
  const { DB_NAME: database, DB_USER: user } = settings;
  return {
    host,
    port,
    database,
    user,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    types: TYPES,
    ...credentials(settings, { host, port }),
  };
}

function credentials(settings: DatabaseSettings, { host, port }: Endpoint): pg.ClientConfig {
  const { DB_AUTH, DB_USER, DB_PASSWORD, DB_CA_FILE } = settings;
  if (DB_AUTH === 'password') return DB_PASSWORD === undefined ? {} : { password: DB_PASSWORD };
  const signer = new Signer({ hostname: host, port, username: DB_USER });
  const ca = DB_CA_FILE === undefined ? [] : [readFileSync(DB_CA_FILE, 'utf8')];
  // Those of the process: Node's own, and what its environment adds. A list of its own would replace them.
  return {
    password: () => signer.getAuthToken(),
    ssl: { rejectUnauthorized: true, ca: [...getCACertificates('default'), ...ca] },
  };
}
