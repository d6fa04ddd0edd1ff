import { paginateScan } from '@aws-sdk/client-dynamodb';
import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { Signer } from '@aws-sdk/rds-signer';
import pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { isFinal } from '../../lambdas/domain/job/states.ts';
import { outputOf } from '../../local/user.ts';
import { eventually } from '../local/eventually.ts';
import { principalCredentials } from '../local/s3-server.ts';
import { call, makeToken } from './api-client.ts';
import { jobsOf, PATIENCE_MS } from './jobs.ts';
import type { System } from './system.ts';

/** Their names begin like that of the tenant that goes, or that like theirs. */
const NEIGHBOURS = ['walk', 'walker-2'];
const WEBHOOK = { url: 'https://hooks.example.com/neighbour' };

/** What an operator does when a tenant wants its data gone: one that has called every route before. */
export function purgeJourney(system: System, tenant: string): void {
  describe('a tenant that is purged', () => {
    const tokens = new Map<string, string>();
    let before: readonly string[] = [];

    beforeAll(async () => {
      for (const name of [tenant, ...NEIGHBOURS])
        tokens.set(name, await makeToken(system, name, ['read', 'write', 'admin']));
      for (const neighbour of NEIGHBOURS) {
        const token = tokens.get(neighbour);
        expect((await call(system, 'POST', '/api/webhooks', { token, body: WEBHOOK })).status).toBe(201);
        const body = { name: 'Next door', filename: 'next.csv', bytes: 10 };
        expect((await call(system, 'POST', '/api/datasets', { token, body })).status).toBe(201);
        await system.put(`uploads/${neighbour}/spring/next.csv.json`, Buffer.from('{}'));
      }
      await eventually(
        'nobody works for the tenant',
        async () => (await isQuiet(system, tenant)) || undefined,
        PATIENCE_MS,
      );
      before = await everything(system);
    });

    it('has something in both tables, the bucket and the database', () => {
      const own = before.filter((line) => isOf(line, tenant));
      const places = ['JobsTableName', 'AccessTableName', 'bucket', 'job_results', 'histories'];
      for (const place of places)
        expect([place, own.some((line) => line.startsWith(place))]).toEqual([place, true]);
      // Records of every kind that there are of a tenant for longer than a minute.
      for (const kind of [
        'job#',
        'event#',
        'webhook#',
        'delivery#',
        'deletion#',
        'portfolios',
        'dataset#',
        'token#',
      ])
        expect([kind, own.some((line) => line.includes(kind))]).toEqual([kind, true]);
    });

    it('is nowhere any more, but for the word that it is to be gone, and its neighbours are', async () => {
      expect(await system.invoke('Purge', { tenant, datasetId: null })).toEqual({
        failed: false,
        payload: { deletions: 1 },
      });
      const after = await everything(system);
      expect(after.filter((line) => isOf(line, tenant)).map(keyOf)).toEqual([
        `JobsTableName tenant#${tenant} deletion#all`,
      ]);
      for (const neighbour of NEIGHBOURS)
        expect(after.filter((line) => isOf(line, neighbour))).toEqual(
          before.filter((line) => isOf(line, neighbour)),
        );
      for (const neighbour of NEIGHBOURS) {
        const { status, json } = await call(system, 'GET', '/api/webhooks', { token: tokens.get(neighbour) });
        expect([status, json]).toMatchObject([200, { data: [WEBHOOK] }]);
      }
    });

    it('is a stranger to the API', async () => {
      // The gateway has not asked about this token before, so that it remembers nothing.
      expect((await call(system, 'GET', '/api/webhooks', { token: tokens.get(tenant) })).status).toBe(401);
    });
  });
}

/** Whether nothing is written of a tenant any more unless it is asked for: what comes late goes with the last look. */
async function isQuiet(system: System, tenant: string): Promise<boolean> {
  const jobs = await jobsOf(system, tenant);
  return jobs.every(
    ({ state, announced, stored, joined }) =>
      (isFinal(state) && ![announced, stored, joined].includes(false)) ||
      state === 'AWAITING_UPLOAD' ||
      state === 'CANCELLING',
  );
}

/** All records with what they hold, keys of objects in all versions, and what tables of the database have of whom. */
async function everything(system: System): Promise<string[]> {
  return [...(await recordsOf(system)), ...(await objectsOf(system)), ...(await rowsOf(system))].toSorted();
}

async function recordsOf({ clients, cloud }: System): Promise<string[]> {
  const lines: string[] = [];
  for (const output of ['JobsTableName', 'AccessTableName']) {
    const scan = paginateScan({ client: clients.dynamodb }, { TableName: outputOf(cloud, output) });
    for await (const { Items = [] } of scan) {
      // Buckets fill up by themselves, and are gone when they are full.
      const lasting = Items.filter(({ pk }) => !pk?.S?.startsWith('bucket#'));
      lines.push(
        ...lasting.map(({ pk, sk, ...rest }) => `${output} ${pk?.S} ${sk?.S} ${JSON.stringify(rest)}`),
      );
    }
  }
  return lines;
}

async function objectsOf({ clients, cloud }: System): Promise<string[]> {
  const {
    Versions = [],
    DeleteMarkers = [],
    IsTruncated,
  } = await clients.s3.send(new ListObjectVersionsCommand({ Bucket: outputOf(cloud, 'DataBucketName') }));
  expect(IsTruncated).toBe(false);
  return [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => `bucket ${Key} ${VersionId}`);
}

/** Every table that tells tenants apart. */
async function rowsOf({ cloud }: System): Promise<string[]> {
  const [hostname = '', port] = outputOf(cloud, 'DatabaseEndpoint').split(':');
  const signing = { region: 'us-east-1', credentials: principalCredentials(cloud.developer) };
  const signer = new Signer({ hostname, port: Number(port), username: 'owner', ...signing });
  const client = new pg.Client({
    ...{ host: hostname, port: Number(port), user: 'owner', database: 'creative_dynamics' },
    password: await signer.getAuthToken(),
    ssl: { rejectUnauthorized: false },
  });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'tenant'`,
    );
    const lines: string[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query(`SELECT tenant, count(*) FROM ${name} GROUP BY tenant`);
      lines.push(...rows.map(({ tenant, count }) => `${name} /${tenant}/ ${count}`));
    }
    return lines;
  } finally {
    await client.end();
  }
}

/** Whether a line names a tenant, and not just another whose name begins like that. */
function isOf(line: string, tenant: string): boolean {
  return new RegExp(`(?<![a-z0-9-])${tenant}(?![a-z0-9-])`).test(line);
}

function keyOf(line: string): string {
  return line.split(' ').slice(0, 3).join(' ');
}
