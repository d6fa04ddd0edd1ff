import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Signer } from '@aws-sdk/rds-signer';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAurora } from '../../local/aurora/open.ts';
import { type OpenBacking, openBacking } from './backing.ts';
import { eventually } from './eventually.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const { path, remove } = temporaryDirectory();
/** So deep that no socket could have its name in it. */
const data = join(path, 'deep'.repeat(40));
const DATABASE = 'creative_dynamics';
const USER_ARN = 'arn:aws:rds-db:us-east-1:000000000000:dbuser:cluster-LOCAL';

function template(instances: number) {
  const cluster = { MasterUsername: 'owner', DatabaseName: DATABASE };
  return Object.fromEntries([
    ['Cluster', { Type: 'AWS::RDS::DBCluster', Properties: cluster }],
    ...Array.from({ length: instances }, (_, index) => [
      `Instance${index}`,
      { Type: 'AWS::RDS::DBInstance', Properties: { DBClusterIdentifier: { Ref: 'Cluster' } } },
    ]),
  ]);
}

function open(instances: number): Promise<OpenBacking> {
  return openBacking(openAurora, data, template(instances), {
    'owner-role': { Action: 'rds-db:connect', Resource: `${USER_ARN}/owner*` },
    'reader-role': {
      Action: 'rds-db:connect',
      Resource: 'arn:aws:rds-db:us-east-1:000000000000:dbuser:prx-local/reader',
    },
    'other-role': { Action: 'rds-db:connect', Resource: `${USER_ARN}/other` },
  });
}

let aurora: OpenBacking;
beforeAll(async () => {
  aurora = await open(3);
}, 60_000);
afterAll(async () => {
  await aurora.close();
  remove();
});

interface Way {
  readonly role?: string;
  readonly user?: string;
  /** User that the token is for. */
  readonly signedFor?: string;
  readonly endpoint?: 'Endpoint.Address' | 'ReadEndpoint.Address';
  readonly token?: (token: string) => string;
  readonly ssl?: pg.ClientConfig['ssl'];
}

async function connect(way: Way = {}): Promise<pg.Client> {
  const { role = 'owner-role', user = 'owner', endpoint = 'Endpoint.Address' } = way;
  const { attributes } = aurora.identity('AWS::RDS::DBCluster');
  const host = attributes![endpoint]!;
  const port = Number(attributes!['Endpoint.Port']);
  const principal = aurora.credentials.ofFunction('function', role);
  const credentials = { ...principal, sessionToken: principal.sessionToken! };
  const username = way.signedFor ?? user;
  const signer = new Signer({ hostname: host, port, username, region: 'us-east-1', credentials });
  const token = await signer.getAuthToken();
  const client = new pg.Client({
    ...{ host, port, user, database: DATABASE },
    password: way.token?.(token) ?? token,
    ssl: way.ssl ?? { ca: aurora.certificate },
  });
  // The server may hang up while nobody waits for an answer.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function ask(statement: string, way?: Way): Promise<unknown[]> {
  const client = await connect(way);
  try {
    return (await client.query({ text: statement, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

const READING: Way = { endpoint: 'ReadEndpoint.Address' };

describe('the database', () => {
  it('lets in whoever has a token, over TLS that can be verified', async () => {
    expect(await ask('SELECT current_user::text, current_database()::text')).toEqual(['owner', DATABASE]);
  });

  it.runIf(process.platform === 'linux')('measures what its servers do, by role', async () => {
    await aurora.measure();
    const clients = await Promise.all([connect(), connect(), connect(READING)]);
    const busy = 'SELECT count(*) FROM generate_series(1, 1500000)';
    await clients[0]?.query(busy);
    const measured = await aurora.measure();
    // Processes of sessions that were ended just before may still be there.
    await eventually('the connections of now', async () => {
      const { 'DatabaseConnections WRITER': writer, 'DatabaseConnections READER': readers } =
        await aurora.measure();
      return isDeepStrictEqual([writer, readers?.toSorted()], [[2], [0, 1]]) ? true : undefined;
    });
    for (const client of clients) await client.end();
    expect(measured['AuroraReplicaLag READER']?.[0]).toBeGreaterThanOrEqual(0);
    const [writer = 0] = measured['CPUUtilization WRITER'] ?? [];
    expect(writer).toBeGreaterThan(Math.max(...(measured['CPUUtilization READER'] ?? [100])));
    expect(writer).toBeLessThanOrEqual(100);
  });

  it('gives its owner what Aurora gives one, and no more', async () => {
    const question = 'SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user';
    expect(await ask(question)).toEqual([false, true]);
  });

  it.each<[string, Way, unknown]>([
    ['a token for somebody else', { signedFor: 'owner-too' }, { code: '28000' }],
    ['a role that may be another user', { role: 'other-role' }, { code: '28000' }],
    ['a role that may nothing', { role: 'nobody-role' }, { code: '28000' }],
    [
      'a token that was changed',
      { token: (token) => token.replace(/.$/, (end) => (end === '0' ? '1' : '0')) },
      { code: '28000' },
    ],
    [
      'a token of long ago',
      { token: (token) => token.replace(/X-Amz-Date=\d{4}/, 'X-Amz-Date=2020') },
      { code: '28000' },
    ],
    ['a password', { token: () => 'secret' }, { code: '28000' }],
    ['a plain connection', { ssl: false }, { code: '28000' }],
    [
      'a client that does not know the certificate',
      { ssl: { ca: [] } },
      { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    ],
  ])('refuses %s', async (_what, way, refusal) => {
    await expect(connect(way)).rejects.toMatchObject(refusal as object);
  });

  it('says in its log why it refused', async () => {
    await expect(connect({ role: 'nobody-role' })).rejects.toThrow(
      'PAM authentication failed for user "owner"',
    );
    expect(aurora.lines.join('\n')).toContain('is not authorized to perform: rds-db:connect');
  });

  it('lets users come with tokens only after they were given that right', async () => {
    await ask('CREATE ROLE reader LOGIN');
    const asReader: Way = { role: 'reader-role', user: 'reader' };
    await expect(connect(asReader)).rejects.toThrow('no pg_hba.conf entry');
    await ask('GRANT rds_iam TO reader');
    expect(await ask('SELECT current_user::text', asReader)).toEqual(['reader']);
  });

  it('has two readers that follow the writer and refuse to be written to', async () => {
    expect(aurora.notImitated).toEqual([]);
    await ask('CREATE TABLE seen (number int)');
    await ask('INSERT INTO seen VALUES (1), (2)');
    for (const _turn of [1, 2]) {
      await eventually('a reader has what was written', async () => {
        const sum = await ask('SELECT sum(number)::int FROM seen', READING).catch(() => [null]);
        return sum[0] === 3 ? sum : undefined;
      });
    }
    expect(await ask('SELECT pg_is_in_recovery()', READING)).toEqual([true]);
    await expect(ask('INSERT INTO seen VALUES (3)', READING)).rejects.toMatchObject({ code: '25006' });
  });

  it('cancels a statement when its client asks for that', async () => {
    const client = await connect();
    const pid = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
    const sleeping = client.query('SELECT pg_sleep(20)');
    const refused = expect(sleeping).rejects.toMatchObject({ code: '57014' });
    await eventually('the statement runs', async () => {
      const found = await ask(`SELECT 1 FROM pg_stat_activity WHERE pid = ${pid} AND wait_event = 'PgSleep'`);
      return found[0];
    });
    expect(await ask(`SELECT pg_cancel_backend(${pid})`)).toEqual([true]);
    await refused;
    await client.end();
  });

  it('goes on reading from who is left when a reader dies, and at last from the writer', async () => {
    for (const reader of ['reader1', 'reader2']) {
      const [pid] = readFileSync(join(data, 'aurora', reader, 'postmaster.pid'), 'utf8').split('\n');
      process.kill(Number(pid), 'SIGKILL');
      const inRecovery = reader === 'reader1';
      await eventually('reads are answered again', async () => {
        const answers = await Promise.all(
          [1, 2].map(() => ask('SELECT pg_is_in_recovery()', READING).catch(() => [undefined])),
        );
        return answers.every(([answer]) => answer === inRecovery) ? true : undefined;
      });
    }
  });

  it('gets readers while it is written to, and gives back those that it got', async () => {
    await aurora.close();
    aurora = await open(2);
    const [readers] = aurora.scalable;
    expect([readers!.resourceId, readers!.capacity, readers!.least]).toEqual(['cluster:cluster', 1, 1]);
    await ask('CREATE TABLE counted (number int PRIMARY KEY)');
    let isWriting = true;
    let written = 0;
    const writing = (async () => {
      const client = await connect();
      for (; isWriting; written += 1) await client.query('INSERT INTO counted VALUES ($1)', [written]);
      await client.end();
    })();
    await readers!.scaleTo(4);
    isWriting = false;
    await writing;
    expect(written).toBeGreaterThan(0);
    expect(existsSync(join(data, 'aurora', 'reader2', 'postmaster.pid'))).toBe(true);
    expect(aurora.lines.join('\n')).toContain('4 readers are asked for; 2 run');
    for (const _turn of [1, 2]) {
      await eventually('a reader has all that was written', async () => {
        const [count, isReader] = await ask(
          'SELECT count(*)::int, pg_is_in_recovery() FROM counted',
          READING,
        );
        return count === written && isReader === true ? true : undefined;
      });
    }
    const held = await Promise.all([connect(READING), connect(READING)]);
    await readers!.scaleTo(1);
    expect(existsSync(join(data, 'aurora', 'reader2'))).toBe(false);
    const left = await Promise.allSettled(held.map((client) => client.query('SELECT 1')));
    expect(left.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await Promise.all(held.map((client) => client.end().catch(() => undefined)));
    await readers!.scaleTo(2);
    expect(await ask('SELECT count(*)::int FROM counted', READING)).toEqual([written]);
  });

  it('holds what it held after a start with other readers', async () => {
    for (const instances of [1, 2]) {
      await aurora.close();
      aurora = await open(instances);
      expect(await ask('SELECT count(*)::int FROM seen', READING)).toEqual([2]);
      expect(await ask('SELECT pg_is_in_recovery()', READING)).toEqual([instances > 1]);
    }
  });
});
