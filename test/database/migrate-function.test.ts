import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { startPostgres } from './postgres.ts';
import { settingsFor } from './results.ts';

const cluster = await startPostgres();
const answers: {
  readonly method: string | undefined;
  readonly type: string | undefined;
  readonly body: unknown;
}[] = [];
let refusals = 1;
const cloudFormation = createServer(async (request, response) => {
  const { method, headers } = request;
  const body = JSON.parse(await text(request));
  response.statusCode = refusals-- > 0 ? 503 : 200;
  if (response.statusCode === 200) answers.push({ method, type: headers['content-type'], body });
  response.end();
}).listen(0, '127.0.0.1');
await once(cloudFormation, 'listening');
afterAll(async () => {
  vi.unstubAllEnvs();
  cloudFormation.close();
  await cluster.stop();
});

async function ask(
  RequestType: 'Create' | 'Update' | 'Delete',
  environment: Record<string, string> = {},
): Promise<unknown> {
  const settings = { ...settingsFor(cluster.primary), DB_USER: 'owner', ...environment };
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, String(value));
  const { handler } = await import('../../lambdas/functions/migrate.ts');
  const address = cloudFormation.address();
  if (typeof address !== 'object' || address === null) throw new Error('The server has no address.');
  const about = { StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Schema' };
  const event = { RequestType, ResponseURL: `http://127.0.0.1:${address.port}/answer`, ...about };
  // Of the invocation's context it uses the id alone.
  await Reflect.apply(handler, undefined, [event, { awsRequestId: 'invocation' }]);
  const answer = answers.pop();
  expect(answer).toMatchObject({
    method: 'PUT',
    type: undefined,
    body: { ...about, PhysicalResourceId: 'schema' },
  });
  return answer?.body;
}

async function tables(): Promise<number> {
  const client = await cluster.primary.connect();
  const { rows } = await client.query(`SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'public'`);
  await client.end();
  return rows[0].n;
}

describe('the function that migrates', () => {
  it('brings the schema up to date when it is created and updated, and leaves it when it is deleted', async () => {
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS' });
    const made = await tables();
    expect(made).toBeGreaterThan(5);
    expect(await ask('Update')).toMatchObject({ Status: 'SUCCESS' });
    expect(await ask('Delete')).toMatchObject({ Status: 'SUCCESS' });
    expect(await tables()).toBe(made);
  });

  it('tells CloudFormation why it failed', async () => {
    expect(await ask('Update', { DB_USER: 'reader' })).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(/permission denied/),
    });
    const elsewhere = await ask('Update', { DB_HOST: 'db.example.com' });
    expect(elsewhere).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(/on this machine only/),
    });
  });
});
