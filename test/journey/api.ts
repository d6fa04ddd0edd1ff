import { afterAll, beforeAll, expect, it } from 'vitest';
import { problemSchema } from '../../lambdas/contracts/api/common.ts';
import { createdDatasetSchema } from '../../lambdas/contracts/api/datasets.ts';
import { healthSchema } from '../../lambdas/contracts/api/description.ts';
import {
  eventPageSchema,
  type JobAnswer,
  jobAnswerSchema,
  jobPageSchema,
} from '../../lambdas/contracts/api/jobs.ts';
import { call as callSystem, makeToken } from './api-client.ts';
import { engineReports, smallExport } from './exports.ts';
import { journeys } from './journeys.ts';
import { purgeJourney } from './purge.ts';
import { Receiver } from './receiver.ts';
import { routesWalk } from './routes.ts';
import type { System } from './system.ts';
import { webhookJourney } from './webhooks.ts';

/** More than enough answers, each held back for up to five seconds. */
const MAX_ANSWERS = 24;

const receiver = new Receiver();

journeys('a program that calls the API', callTheApi, (assembly) => receiver.letIn(assembly));

function callTheApi(system: System): void {
  const tokens = new Map<string, string>();

  function call(
    method: string,
    path: string,
    { tenant, ...given }: { tenant?: string; body?: object; prefer?: string } = {},
  ) {
    return callSystem(system, method, path, {
      ...given,
      token: tenant === undefined ? undefined : tokens.get(tenant),
    });
  }

  beforeAll(async () => {
    await receiver.start();
    for (const tenant of ['api-acme', 'api-other']) {
      tokens.set(tenant, await makeToken(system, tenant, ['read', 'write']));
    }
  });
  afterAll(() => receiver.stop());

  it('finds it healthy without a token, and nothing else', async () => {
    const health = await call('GET', '/health');
    expect([health.status, healthSchema.parse(health.json).status]).toEqual([200, 'ok']);
    const jobs = await call('GET', '/api/jobs');
    expect([jobs.status, problemSchema.parse(jobs.json).code]).toEqual([401, 'unauthenticated']);
    const nowhere = await call('GET', '/api/nowhere');
    expect([nowhere.status, problemSchema.parse(nowhere.json).code]).toEqual([404, 'not_found']);
  });

  it('uploads a file over a signed address, and follows its job to the report of the engine', async () => {
    const file = smallExport(1);
    const announced = await call('POST', '/api/datasets', {
      tenant: 'api-acme',
      body: { name: 'Été à Paris', filename: 'été.csv', bytes: file.length },
    });
    expect(announced.status).toBe(201);
    const { upload, job } = createdDatasetSchema.parse(announced.json);
    if (upload.kind !== 'single') throw new Error('A small file is sent in one request.');
    const { 'Content-Length': _, ...headers } = upload.headers;
    expect((await fetch(upload.url, { method: 'PUT', body: Buffer.from(file), headers })).status).toBe(200);

    let seen: JobAnswer = job;
    for (let answers = 0; seen.state !== 'SUCCEEDED' && answers < MAX_ANSWERS; answers++) {
      const { json } = await call('GET', `/api/jobs/${job.id}`, { tenant: 'api-acme', prefer: 'wait=5' });
      seen = jobAnswerSchema.parse(json);
    }
    const reports = await engineReports(file);
    expect(seen).toMatchObject({
      state: 'SUCCEEDED',
      dataset: { name: 'Été à Paris', version: 1 },
      progress: { percent: 100 },
    });
    expect(seen.totals).toEqual(JSON.parse(reports.json).totals);
    expect(await system.read(`reports/api-acme/${job.id}/1/analysis_report.csv`)).toBe(reports.csv);

    const events = eventPageSchema.parse(
      (await call('GET', `/api/jobs/${job.id}/events`, { tenant: 'api-acme' })).json,
    );
    expect(events.data[0]?.state).toBe('AWAITING_UPLOAD');
    expect(events.data.at(-1)?.state).toBe('SUCCEEDED');
    const list = await call('GET', '/api/jobs?state=SUCCEEDED&q=%C3%A9t%C3%A9', { tenant: 'api-acme' });
    expect(jobPageSchema.parse(list.json).data.map(({ id }) => id)).toEqual([job.id]);
    expect(list.headers.get('ratelimit-policy')).toMatch(/^"requests";q=\d+;w=60$/);
    // To another tenant it does not exist.
    expect((await call('GET', `/api/jobs/${job.id}`, { tenant: 'api-other' })).status).toBe(404);
    expect((await call('GET', '/api/jobs', { tenant: 'api-other' })).json).toMatchObject({ data: [] });
  });

  it('may only do what its token allows', async () => {
    const answer = await call('GET', '/api/tokens', { tenant: 'api-acme' });
    expect([answer.status, problemSchema.parse(answer.json).code]).toEqual([403, 'forbidden']);
  });

  webhookJourney(system, receiver);
  routesWalk(system);
  purgeJourney(system, 'walker');
}
