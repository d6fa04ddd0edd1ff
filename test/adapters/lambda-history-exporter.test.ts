import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, describe, expect, it } from 'vitest';
import { createLambdaHistoryExporter } from '../../lambdas/adapters/lambda-history-exporter.ts';
import { createLambdaResultLoader } from '../../lambdas/adapters/lambda-result-loader.ts';

const RUN = { tenant: 'acme', jobId: 'job_01K0000000000000000000000A', run: 2 };

/** What the service answers next, and what it was asked. */
const answer = { failed: false, body: '' };
const asked: { path: string | undefined; body: unknown }[] = [];

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  asked.push({ path: request.url, body: JSON.parse(Buffer.concat(chunks).toString()) });
  if (answer.failed) response.setHeader('X-Amz-Function-Error', 'Unhandled');
  response.end(answer.body);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const client = new LambdaClient({
  endpoint: `http://127.0.0.1:${port}`,
  region: 'eu-west-2',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
afterAll(() => {
  client.destroy();
  server.close();
});
const called = { client, name: () => 'StoreResults' };

describe('the function beside the database', () => {
  it('is asked for a history by the run that reads it, and for results by the run that found them', async () => {
    Object.assign(answer, { failed: false, body: '{"outcome":"currencies"}' });
    expect(await createLambdaHistoryExporter(called).export(RUN)).toBe('currencies');
    await createLambdaResultLoader(called).load(RUN);
    const path = '/2015-03-31/functions/StoreResults/invocations';
    expect(asked).toEqual([
      { path, body: { exportHistory: RUN } },
      { path, body: RUN },
    ]);
  });

  it('has failed when it says so, with its words, although the service answers 200', async () => {
    Object.assign(answer, { failed: true, body: '{"errorMessage":"The database does not answer."}' });
    await expect(createLambdaHistoryExporter(called).export(RUN)).rejects.toThrow(/does not answer/);
    await expect(createLambdaResultLoader(called).load(RUN)).rejects.toThrow(
      /StoreResults failed: .*does not/,
    );
  });

  it.each(['{"outcome":"done"}', 'null', ''])('is not believed when it answers %j', async (body) => {
    Object.assign(answer, { failed: false, body });
    await expect(createLambdaHistoryExporter(called).export(RUN)).rejects.toMatchObject({ name: 'ZodError' });
  });
});
