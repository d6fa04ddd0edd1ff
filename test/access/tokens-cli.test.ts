import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, describe, expect, it } from 'vitest';
import { endOf } from '../../cli/tokens/duration.ts';
import { runTokens } from '../../cli/tokens/program.ts';
import { createDynamoTokens } from '../../lambdas/adapters/dynamodb-tokens.ts';
import { hashOf, isToken, TEST_TOKEN } from '../../lambdas/domain/access/token.ts';
import { Credentials } from '../../local/auth/credentials.ts';
import { addTestToken } from '../../local/tokens.ts';
import { startJobsTable } from '../adapters/jobs-table.ts';
import { temporaryDirectory } from '../local/temporary-directory.ts';

const table = await startJobsTable();
const data = temporaryDirectory();
afterAll(data.remove);
const { developer } = new Credentials(data.path);
const tokens = createDynamoTokens(table.client, table.name, { now: Date.now });
const LOCAL = ['--local', table.endpoint, '--data', data.path];

async function run(...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const collected = Promise.all([text(stdout), text(stderr)]);
  const code = await runTokens(args, { stdin: Readable.from([]), stdout, stderr, env: {} });
  stdout.end();
  stderr.end();
  const [out, err] = await collected;
  return { code, out, err };
}

describe('npm run tokens', () => {
  it('makes a token and prints its secret alone', async () => {
    const access = [...LOCAL, '--table', table.name];
    const { code, out, err } = await run(
      'create',
      '--tenant',
      'acme',
      '--scopes',
      'write,read',
      '--expires',
      '90d',
      ...access,
    );
    expect(code).toBe(0);
    const secret = out.trimEnd();
    expect(isToken(secret)).toBe(true);
    expect(err).not.toContain(secret);
    const record = await tokens.find(hashOf(secret));
    expect(record).toMatchObject({ tenant: 'acme', scopes: ['read', 'write'], requestsPerMinute: null });
    const days = (Date.parse(record?.expiresAt ?? '') - Date.parse(record?.createdAt ?? '')) / 86_400_000;
    expect(days).toBeCloseTo(90, 3);
  });

  it('lists and revokes', async () => {
    const access = ['--tenant', 'beta', ...LOCAL, '--table', table.name];
    const made = await run(
      'create',
      '--name',
      'CI',
      '--scopes',
      'read',
      '--requests-per-minute',
      '60',
      ...access,
    );
    const [listed] = JSON.parse((await run('list', '--json', ...access)).out);
    expect(listed).toMatchObject({ name: 'CI', requestsPerMinute: 60, revokedAt: null });
    expect((await run('list', ...access)).out).toContain(`${listed.id}  ${listed.prefix}`);
    expect((await run('revoke', listed.id, ...access)).code).toBe(0);
    expect((await tokens.find(hashOf(made.out.trimEnd())))?.revokedAt).not.toBeNull();
    expect((await run('list', ...access)).out).toMatch(/revoked 20/);
  });

  it('finds the table of a stage by its name', async () => {
    const TableName = 'creative-dynamics-dev-storage-Access8EC6-1X2Y3Z';
    await table.client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({
          AttributeName,
          AttributeType: 'S' as const,
        })),
      }),
    );
    expect(await run('create', '--tenant', 'acme', '--scopes', 'read', ...LOCAL)).toMatchObject({ code: 0 });
    expect((await createDynamoTokens(table.client, TableName, { now: Date.now }).list('acme')).length).toBe(
      1,
    );
    const elsewhere = await run('list', '--tenant', 'acme', '--stage', 'phase1', ...LOCAL);
    expect(elsewhere).toMatchObject({ code: 2, out: '' });
    expect(elsewhere.err).toContain('AccessTableName');
  });

  it.each([
    [['create', '--tenant', 'Acme Inc', '--scopes', 'read'], '--tenant'],
    [['create', '--tenant', 'acme', '--scopes', 'read,everything'], '--scopes'],
    [
      ['create', '--tenant', 'acme', '--scopes', 'read', '--requests-per-minute', '0'],
      '--requests-per-minute',
    ],
    [['create', '--tenant', 'acme', '--scopes', 'read', '--expires', '90'], '--expires'],
    [['create', '--tenant', 'acme'], '--scopes'],
    [['revoke', '--tenant', 'acme', 'tok_1'], 'tok_1'],
    [['list', '--tenant', 'acme', '--data', '/nowhere'], '/nowhere'],
  ])('refuses %j', async (args, named) => {
    const { code, out, err } = await run(
      ...args,
      ...(args.includes('--data') ? LOCAL.slice(0, 2) : LOCAL),
      '--table',
      table.name,
    );
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(named);
  });

  it('reads durations', () => {
    const now = Date.parse('2026-03-01T00:00:00.000Z');
    expect(endOf('12h', now)).toBe('2026-03-01T12:00:00.000Z');
    expect(endOf('90d', now)).toBe('2026-05-30T00:00:00.000Z');
    expect(endOf('1y', now)).toBe('2027-03-01T00:00:00.000Z');
    expect(endOf('never', now)).toBeNull();
    for (const wrong of ['', '0d', '90', '1m', '-1d', '1.5d', '99999y'])
      expect(() => endOf(wrong, now), wrong).toThrow();
  });
});

describe('a local cloud', () => {
  const cloud = (name: string) => ({
    endpoint: table.endpoint,
    developer,
    outputs: { Storage: { [name]: table.name } },
  });

  it('has test-token for the tenant demo, and the same one at its next start', async () => {
    expect(await addTestToken(cloud('AccessTableName'))).toBe(true);
    const first = await tokens.find(hashOf(TEST_TOKEN));
    expect(first).toMatchObject({ tenant: 'demo', scopes: ['read', 'write', 'admin'] });
    await addTestToken(cloud('AccessTableName'));
    expect(await tokens.list('demo')).toEqual([first]);
  });

  it('of an app without tokens has none', async () => {
    expect(await addTestToken(cloud('SomethingElse'))).toBe(false);
  });
});
