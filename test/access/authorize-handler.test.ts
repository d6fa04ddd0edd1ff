import type { Context } from 'aws-lambda';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createDynamoTokens } from '../../lambdas/adapters/dynamodb-tokens.ts';
import { HEARTBEAT } from '../../lambdas/contracts/heartbeat.ts';
import { createToken, hashOf } from '../../lambdas/domain/access/token.ts';
import { startJobsTable } from '../adapters/jobs-table.ts';

const ARN = 'arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/v1';
const TOKEN = createToken(Buffer.alloc(32, 5));
const table = await startJobsTable();

/** The handler of a new execution environment. */
async function coldStart(endpoint: string) {
  vi.resetModules();
  vi.stubEnv('AWS_ENDPOINT_URL', endpoint);
  const { handler } = await import('../../lambdas/functions/authorize.ts');
  return (headers: Record<string, string> | null, changes: Record<string, unknown> = {}) =>
    handler({ methodArn: `${ARN}/GET/api/jobs`, headers, ...changes }, {} as Context);
}

beforeAll(async () => {
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
  vi.stubEnv('ACCESS_TABLE', table.name);
  vi.stubEnv('METRICS_NAMESPACE', 'creative-dynamics-test');
  vi.stubEnv('USAGE_KEY', 'usage-key-of-the-plan');
  vi.stubEnv('REQUESTS_PER_MINUTE', '1200');
  const token = {
    id: 'tok_01KA0000000000000000000001',
    tenant: 'acme',
    name: 'CI',
    prefix: 'cdt_0l…',
    scopes: ['read' as const],
    requestsPerMinute: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    expiresAt: null,
  };
  await createDynamoTokens(table.client, table.name, { now: Date.now }).create(token, hashOf(TOKEN));
});

describe('the authorizer', () => {
  it('lets a token call the whole stage, and writes its use down', async () => {
    const ask = await coldStart(table.endpoint);
    expect(await ask({ AUTHORIZATION: `Bearer ${TOKEN}` })).toMatchObject({
      policyDocument: { Statement: [{ Effect: 'Allow', Resource: `${ARN}/*` }] },
      context: { tenant: 'acme', scopes: 'read', requestsPerMinute: 1200 },
      usageIdentifierKey: 'usage-key-of-the-plan',
    });
    const tokens = createDynamoTokens(table.client, table.name, { now: Date.now });
    expect((await tokens.find(hashOf(TOKEN)))?.lastUsedAt).not.toBeNull();
  });

  it('answers what API Gateway makes a 401 of, for whoever is not known', async () => {
    const ask = await coldStart(table.endpoint);
    for (const headers of [null, {}, { Authorization: 'Bearer test-token' }, { Authorization: 'Bearer x' }])
      await expect(ask(headers)).rejects.toThrow(/^Unauthorized$/);
  });

  it('answers a heartbeat without a look at its settings or the table, but lets nobody in who sends one', async () => {
    const ask = await coldStart('http://127.0.0.1:1');
    await expect(ask({}, HEARTBEAT)).rejects.toThrow(/^Unauthorized$/);
    vi.resetModules();
    vi.stubEnv('ACCESS_TABLE', undefined);
    onTestFinished(() => {
      vi.stubEnv('ACCESS_TABLE', table.name);
    });
    const { handler } = await import('../../lambdas/functions/authorize.ts');
    expect(await handler({ ...HEARTBEAT }, {} as Context)).toEqual({ heartbeat: true });
  });

  it('answers what API Gateway makes a 500 of, while the table cannot be asked', async () => {
    const ask = await coldStart('http://127.0.0.1:1');
    const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    onTestFinished(() => written.mockRestore());
    await expect(ask({ Authorization: `Bearer ${TOKEN}` })).rejects.toThrow(/^(?!Unauthorized$)/);
    await expect(ask({ Authorization: 'Bearer x' })).rejects.toThrow(/^Unauthorized$/);
    const lines = written.mock.calls.map(([line]): Record<string, unknown> => JSON.parse(String(line)));
    expect(lines.filter(({ AuthorizationsFailed: count }) => count !== undefined)).toMatchObject([
      { AuthorizationsFailed: 1 },
    ]);
  });
});
