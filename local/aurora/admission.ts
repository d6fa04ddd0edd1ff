import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { PORT } from './server.ts';

export interface Admitted {
  readonly owner: string;
  readonly database: string;
}

/** As in Aurora: the service's own superuser, and the role whose members come with tokens. */
export const SUPERUSER = 'rdsadmin';
const TOKEN_USERS = 'rds_iam';
const CATCH_UP_TIMEOUT_MS = 30_000;
const POLL_MS = 25;

/** Who may come, for `pg_hba.conf`; whether a token is right was seen before. */
export const ADMISSION = `local all ${SUPERUSER} trust
local replication ${SUPERUSER} trust
local all +${TOKEN_USERS} trust
`;

/** Makes the owner, with what Aurora gives one, and the database. @returns how far the log of the writer then is */
export async function admit(host: string, { owner, database }: Admitted): Promise<string> {
  const client = await connectTo(host);
  try {
    const { rowCount: hasOwner } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [owner]);
    if (hasOwner === 0) {
      const name = pg.escapeIdentifier(owner);
      await client.query(`CREATE ROLE ${TOKEN_USERS} NOLOGIN`);
      await client.query(`CREATE ROLE ${name} LOGIN CREATEROLE CREATEDB`);
      await client.query(`GRANT ${TOKEN_USERS} TO ${name} WITH ADMIN OPTION`);
    }
    const { rowCount: hasDatabase } = await client.query('SELECT FROM pg_database WHERE datname = $1', [
      database,
    ]);
    if (hasDatabase === 0)
      await client.query(
        `CREATE DATABASE ${pg.escapeIdentifier(database)} OWNER ${pg.escapeIdentifier(owner)}`,
      );
    const { rows } = await client.query<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn');
    return rows[0]?.lsn ?? '0/0';
  } finally {
    await client.end();
  }
}

/** Waits until a reader has all that the writer had. */
export async function caughtUp(host: string, written: string): Promise<void> {
  const client = await connectTo(host);
  try {
    const question = 'SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS done';
    const deadline = Date.now() + CATCH_UP_TIMEOUT_MS;
    while (Date.now() < deadline) {
      const { rows } = await client.query<{ done: boolean | null }>(question, [written]);
      if (rows[0]?.done === true) return;
      await pause(POLL_MS);
    }
    throw new Error(`A reader of the database does not follow its writer (${host}).`);
  } finally {
    await client.end();
  }
}

/** How far readers are behind their writer at most, in milliseconds. */
export async function replicaLag(host: string): Promise<number> {
  const client = await connectTo(host);
  try {
    // Null while there is nothing to follow.
    const question =
      'SELECT coalesce(max(extract(epoch FROM replay_lag)), 0)::float8 * 1000 AS lag FROM pg_stat_replication';
    const { rows } = await client.query<{ lag: number }>(question);
    return rows[0]?.lag ?? 0;
  } finally {
    await client.end();
  }
}

/** As the service's own superuser, by the socket in a directory. */
export async function connectTo(host: string): Promise<pg.Client> {
  const client = new pg.Client({ host, port: PORT, user: SUPERUSER, database: 'postgres' });
  await client.connect();
  return client;
}
