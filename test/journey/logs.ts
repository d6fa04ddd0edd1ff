import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createdDatasetSchema, datasetPageSchema } from '../../lambdas/contracts/api/datasets.ts';
import { jobAnswerSchema } from '../../lambdas/contracts/api/jobs.ts';
import { webhookSecretSchema } from '../../lambdas/contracts/api/webhooks.ts';
import { DEFAULT_SETTINGS, USUAL_COMPRESSION } from '../../lambdas/pipeline/settings.ts';
import { TEST_TENANT } from '../../local/tokens.ts';
import { eventually } from '../local/eventually.ts';
import { QUERIES, queryOf } from '../local/runbook.ts';
import { call as callSystem, makeToken } from './api-client.ts';
import { PATIENCE_MS } from './jobs.ts';
import { journeys } from './journeys.ts';
import { askLogs, logGroups } from './log-queries.ts';
import { Receiver } from './receiver.ts';
import type { System } from './system.ts';

const TENANT = 'confidant';
/** Nobody else writes these: where one stands in a log, it came out of a file or a request. */
const CREATIVE = 'Quokka-Zeppelin';
const IMPRESSIONS = 7_340_119;
const COOKIE = 'session=Okapi5512Nougat';
const UNREADABLE = 'Axolotl8873Marzipan';
const REFUSED = 'Capybara4410Praline';
const DAYS = 60;
const CREATIVES = 4;

type Line = Readonly<Record<string, unknown>>;

const receiver = new Receiver();

journeys('what functions write down', readTheLogs, (assembly) => receiver.letIn(assembly));

function readTheLogs(system: System): void {
  const secrets = new Map<string, string>([
    ['a creative', CREATIVE],
    ['a figure', String(IMPRESSIONS)],
    ['a cookie', 'Okapi5512Nougat'],
    ['a message that cannot be read', UNREADABLE],
    ['a value that was refused', REFUSED],
  ]);
  let token = '';
  let jobId = '';
  let requestId = '';

  const call = (method: string, path: string, body?: object) =>
    callSystem(system, method, path, { token, body, prefer: 'wait=5' });

  beforeAll(async () => {
    await receiver.start();
    token = await makeToken(system, TENANT, ['read', 'write', 'admin']);
    secrets.set('a token', token.replace('cdt_', ''));
    const { json } = await call('POST', '/api/webhooks', { url: receiver.url });
    secrets.set(
      'the secret of a webhook',
      (webhookSecretSchema.parse(json).secret ?? '').replace('whsec_', ''),
    );
  });
  afterAll(() => receiver.stop());

  async function finished(id: string): Promise<string> {
    return eventually(
      `the end of ${id}`,
      async () => {
        const { state } = jobAnswerSchema.parse((await call('GET', `/api/jobs/${id}`)).json);
        return state === 'SUCCEEDED' || state === 'FAILED' ? state : undefined;
      },
      PATIENCE_MS,
    );
  }

  /** Uploads a file as customers do. @returns the job, and the request that announced it */
  async function upload(filename: string, file: Buffer): Promise<{ jobId: string; requestId: string }> {
    const announced = await call('POST', '/api/datasets', { name: filename, filename, bytes: file.length });
    const created = createdDatasetSchema.parse(announced.json);
    if (created.upload.kind !== 'single') throw new Error('The file is sent in one request.');
    const { url, headers } = created.upload;
    secrets.set('a signature', new URL(url).searchParams.get('X-Amz-Signature') ?? '');
    const { 'Content-Length': _, ...own } = headers;
    const sent = await fetch(url, { method: 'PUT', body: Buffer.from(file), headers: own });
    expect(sent.status).toBe(200);
    return { jobId: created.job.id, requestId: announced.headers.get('request-id') ?? '' };
  }

  it('names the request of whoever uploaded a file in every line about its job, to the webhook', async () => {
    ({ jobId, requestId } = await upload('week.csv.gz', packed(csv())));
    expect(await finished(jobId)).toBe('SUCCEEDED');
    await receiver.next(0);
    expect(requestId).toMatch(/^req_/);
    const delivered = () => linesOf(system, /Deliver/).some((line) => line['jobId'] === jobId);
    await eventually('its line', async () => delivered() || undefined, PATIENCE_MS);
    const about = linesOf(system, /./).filter((line) => line['jobId'] === jobId);
    const wrong = about.filter((line) => 'work' in line && line['requestId'] !== requestId);
    expect(wrong).toEqual([]);
    for (const source of ['Control', 'PlanUpload', 'ScanAnd', 'WriteReport', 'StoreResults', 'Deliver']) {
      // When a request is only asked for, there is no job yet; nor when its rate could not be counted, of which it warns.
      const early = source === 'Control' ? ['debug', 'warn'] : ['debug'];
      const found = linesOf(system, new RegExp(source)).filter(
        (line) => line['requestId'] === requestId && !early.includes(String(line['level'])),
      );
      expect([source, found.length > 0]).toEqual([source, true]);
      for (const line of found) {
        expect(line).toMatchObject({ tenant: TENANT, lambdaRequestId: expect.any(String), jobId });
        expect(line['traceId']).toMatch(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/);
      }
    }
    const tasks = linesOf(system, /ScanAnd/).filter((line) => line['jobId'] === jobId);
    expect(tasks).toContainEqual(
      expect.objectContaining({ work: expect.objectContaining({ type: 'scan', chunk: 0 }) }),
    );
    expect(tasks).toContainEqual(
      expect.objectContaining({ work: expect.objectContaining({ type: 'analyse', shard: 1 }) }),
    );
  });

  it('leads from the trace of a request to those of all that came of it', async () => {
    const { data } = datasetPageSchema.parse((await call('GET', '/api/datasets')).json);
    const again = await call('POST', `/api/datasets/${data[0]?.id}/jobs`, {});
    expect(again.status).toBe(202);
    const job = jobAnswerSchema.parse(again.json).id;
    await finished(job);
    await receiver.next(1);
    const about = (source: RegExp) => linesOf(system, source).filter((line) => line['jobId'] === job);
    await eventually('its line', async () => about(/Deliver/)[0], PATIENCE_MS);
    const traces = (source: RegExp, field: string) => new Set(about(source).map((line) => line[field]));
    // Each that takes a message has a trace of its own, and names the sender's.
    const sentBy = (sender: RegExp) => [...traces(sender, 'traceId')];
    expect([...traces(/PlanUpload/, 'senderTraceId')]).toEqual(sentBy(/Control/));
    expect(sentBy(/PlanUpload/)).not.toEqual(sentBy(/Control/));
    expect([...traces(/ScanAnd/, 'senderTraceId')]).toEqual(expect.arrayContaining(sentBy(/PlanUpload/)));
    for (const sender of traces(/WriteReport/, 'senderTraceId')) expect(sentBy(/ScanAnd/)).toContain(sender);
    // One that is called belongs to the trace of its caller.
    expect(sentBy(/WriteReport/)).toEqual(expect.arrayContaining(sentBy(/StoreResults/)));
    expect(sentBy(/WriteReport/)).toEqual(expect.arrayContaining([...traces(/Deliver/, 'senderTraceId')]));
  });

  it('has neither what was sent nor what lets in', async () => {
    const items = observations();
    expect((await call('POST', '/api/analyze', { items })).status).toBe(200);
    const rejected = items.map((one) => ({ ...one, impressions: REFUSED }));
    expect((await call('POST', '/api/analyze', { items: rejected })).status).toBe(422);
    const later = await callSystem(system, 'POST', '/api/analyze', {
      token,
      body: { items: rejected },
      prefer: 'respond-async',
    });
    expect(later.status).toBe(202);
    expect(await finished(jobAnswerSchema.parse(later.json).id)).toBe('FAILED');
    const broken = await upload('broken.csv', Buffer.from(csv().replaceAll(String(IMPRESSIONS), REFUSED)));
    expect(await finished(broken.jobId)).toBe('FAILED');

    const impostor = `cdt_${randomBytes(19).toString('hex')}`;
    secrets.set('a token that is none', impostor.replace('cdt_', ''));
    const { status } = await fetch(`${system.cloud.apiEndpoint}/api/jobs?q=${CREATIVE}`, {
      headers: { authorization: `Bearer ${impostor}`, cookie: COOKIE },
    });
    expect(status).toBe(401);
    const withCookie = { authorization: `Bearer ${token}`, cookie: COOKIE };
    const malformed = `{"items":[{"id":"${CREATIVE}",`;
    const refused = await fetch(`${system.cloud.apiEndpoint}/api/analyze`, {
      method: 'POST',
      body: malformed,
      headers: withCookie,
    });
    expect(refused.status).toBe(400);

    const body = JSON.stringify({ secret: UNREADABLE });
    await system.send('AnalysisQueueUrl', { secret: UNREADABLE });
    const sha256 = createHash('sha256').update(body).digest('hex');
    await eventually(
      'the unreadable message is told of',
      async () => linesOf(system, /PlanUpload/).find((line) => line['sha256'] === sha256),
      PATIENCE_MS,
    );
    for (const [what, secret] of secrets) {
      expect(secret.length).toBeGreaterThan(5);
      const telling = system.logs.filter(({ line }) => line.includes(secret));
      expect([what, telling]).toEqual([what, []]);
    }
  });

  it('answers the queries of the runbook: by the id of a request, by what failed, and by route', async () => {
    const [byId = ''] = QUERIES.filter((query) => query.includes('req_…'));
    const groups = [
      ...(await logGroups(system, 'api', 'Functions')),
      ...(await logGroups(system, 'processing', '')),
    ];
    const rows = await askLogs(system, byId.replace('req_…', requestId), groups);
    expect(rows.map((row) => row['work.type'])).toEqual(
      expect.arrayContaining(['plan', 'scan', 'analyse', 'report']),
    );
    expect(rows).toContainEqual(expect.objectContaining({ 'work.type': 'analyse', 'work.shard': '1' }));
    const times = rows.map((row) => row['@timestamp']);
    expect(times).toEqual(times.toSorted());

    const planning = await logGroups(system, 'processing', 'PipelinePlanUpload');
    const failures = await askLogs(system, queryOf('errors'), planning);
    expect(failures).toContainEqual(expect.objectContaining({ message: 'The message cannot be read.' }));
    expect(failures.every((row) => 'error.message' in row || row['record.status'] !== 'success')).toBe(true);
    const authorizers = await logGroups(system, 'api', 'FunctionsAuthorize');
    expect(await askLogs(system, queryOf('errors'), authorizers)).toContainEqual(
      expect.objectContaining({ 'record.status': 'error', 'record.errorType': 'Error' }),
    );

    const refused = 'filter status = 400 | stats count() as n by route, status, error, tenant';
    expect(await askLogs(system, refused, await logGroups(system, 'api', 'AccessLog'))).toEqual([
      { route: '/api/analyze', status: '400', error: '-', tenant: TENANT, n: '1' },
    ]);
  });

  it('says of every line how heavy it is, and when', () => {
    // Metrics, and what Lambda itself says, are in forms of their own.
    const heavy = linesOf(system, /creative-dynamics/).filter(
      (line) => !('_aws' in line) && line['type'] !== 'platform.report',
    );
    expect(heavy.length).toBeGreaterThan(20);
    for (const line of heavy) {
      expect(line).toMatchObject({ level: expect.stringMatching(/^(debug|info|warn|error)$/) });
      expect(Date.parse(String(line['timestamp']))).toBeGreaterThan(0);
    }
  });

  it('has a customer of its own, which passes, cleans up, and is nobody else’s business', async () => {
    const { failed, payload } = await system.invoke('Canary', {});
    expect([failed, payload, linesOf(system, /Canary/)]).toMatchObject([false, { outcome: 'passed' }, {}]);
    const list = async (tenant: string) => {
      const own = await makeToken(system, tenant, ['read']);
      return (await callSystem(system, 'GET', '/api/datasets', { token: own })).json;
    };
    expect(await list('canary')).toMatchObject({ data: [] });
    expect(await list(TEST_TENANT)).toMatchObject({ data: [] });
    expect(system.logs.filter(({ source }) => source === 'topics')).not.toContainEqual(
      expect.objectContaining({ line: expect.stringContaining('canary') }),
    );
  });
}

/** The lines of JSON that functions wrote whose name is like that. */
function linesOf({ logs }: System, source: RegExp): Line[] {
  return logs
    .filter((one) => one.line.startsWith('{') && source.test(one.source))
    .map(({ line }) => JSON.parse(line));
}

function observations() {
  return Array.from({ length: CREATIVES * DAYS }, (_, row) => ({
    id: `${CREATIVE}-${row % CREATIVES}`,
    day: new Date(Date.UTC(2026, 0, 1 + Math.floor(row / CREATIVES))).toISOString().slice(0, 10),
    impressions: IMPRESSIONS,
    clicks: 9000 + ((row * 7) % 100),
  }));
}

function csv(): string {
  const rows = observations().map(
    ({ id, day, impressions, clicks }) => `${id},${day},${impressions},${clicks},`,
  );
  return ['creative,date,impressions,clicks,note', ...rows, ''].join('\n');
}

/** Packed, and so large that its analysis is shared by two: it takes all three queues. */
function packed(text: string): Buffer {
  const bytes = 1.05 * (DEFAULT_SETTINGS.shardBytes / USUAL_COMPRESSION);
  const note = 'n'.repeat(Math.ceil(bytes / (CREATIVES * DAYS)));
  // Stored, not deflated: large for its packed size, and packed in no time.
  return gzipSync(text.replaceAll(',\n', `,${note}\n`), { level: 0 });
}
