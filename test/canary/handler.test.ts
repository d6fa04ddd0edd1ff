import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createDynamoTokens } from '../../lambdas/adapters/dynamodb-tokens.ts';
import { hashOf } from '../../lambdas/domain/access/token.ts';
import { handler } from '../../lambdas/functions/canary.ts';
import { CREDENTIALS, startJobsTable } from '../adapters/jobs-table.ts';
import { INVOCATION } from '../functions/cloud.ts';
import { engineDocument } from './customers-api.ts';

const table = await startJobsTable();
const document = await engineDocument();

let lines: Record<string, unknown>[] = [];
let asked: Request[] = [];

beforeEach(() => {
  lines = [];
  asked = [];
  const environment = {
    API_URL: 'https://api.example/v1/',
    ACCESS_TABLE: table.name,
    METRICS_NAMESPACE: 'test',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(JSON.parse(String(line))) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function answering(status: number, json: unknown): void {
  vi.stubGlobal('fetch', async (url: URL, options: RequestInit) => {
    asked.push(new Request(url, options));
    return Response.json(json, { status });
  });
}

const wrong = { ...document, totals: { ...document.totals, clicks: document.totals.clicks + 1 } };

it.each([
  ['passed', 200, document, 'CanaryPassed', 'info'],
  ['wrong', 200, wrong, 'CanaryWrong', 'error'],
  ['failed', 503, { code: 'unavailable' }, 'CanaryFailed', 'error'],
])('tells that a run %s, as a metric of its own', async (outcome, status, json, metric, level) => {
  answering(status, json);
  expect(await handler({ parts: ['request'] }, INVOCATION)).toEqual({ outcome });
  const measured = lines.filter((line) => '_aws' in line);
  expect(measured).toHaveLength(1);
  expect(Object.keys(measured[0] ?? {}).toSorted()).toEqual(['CanarySeconds', metric, '_aws'].toSorted());
  expect(lines.at(-1)).toMatchObject({ level, message: `The canary ${outcome}.`, tenant: 'canary' });
});

it('says which numbers are wrong', async () => {
  answering(200, wrong);
  await handler({ parts: ['request'] }, INVOCATION);
  expect(lines).toContainEqual(
    expect.objectContaining({ wrong: ['answer.totals.clicks is 32191 and not 32190.'] }),
  );
});

it('comes with a token of a quarter of an hour that it made itself, and never tells it', async () => {
  answering(200, document);
  await handler({ parts: ['request'] }, INVOCATION);
  const [request] = asked;
  expect(request?.url).toBe('https://api.example/v1/api/analyze');
  const secret = request?.headers.get('authorization')?.replace('Bearer ', '') ?? '';
  const tokens = createDynamoTokens(table.client, table.name, { now: Date.now });
  const token = await tokens.find(hashOf(secret));
  expect(token).toMatchObject({ tenant: 'canary', scopes: ['read', 'write'] });
  const end = Date.parse(token?.expiresAt ?? '');
  expect(Math.abs(end - Date.now() - 15 * 60_000)).toBeLessThan(60_000);
  expect(JSON.stringify(lines)).not.toContain(secret.slice(4));
});

it.each([{ parts: [] }, { parts: ['lunch'] }, { part: 'request' }])('refuses %j', async (event) => {
  await expect(handler(event, INVOCATION)).rejects.toMatchObject({ name: 'ZodError' });
});
