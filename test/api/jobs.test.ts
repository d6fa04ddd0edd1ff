import { describe, expect, it } from 'vitest';
import { cancelJob, getJob, listEvents } from '../../lambdas/api/jobs.ts';
import { eventPageSchema, type JobAnswer, jobAnswerSchema } from '../../lambdas/contracts/api/jobs.ts';
import type { Job, JobPlan } from '../../lambdas/contracts/job.ts';
import type { ApiRequest } from '../../lambdas/http/exchange.ts';
import { Problem } from '../../lambdas/http/problem.ts';
import { toWire } from '../../lambdas/http/response.ts';
import { scanSet, shardSet } from '../../lambdas/pipeline/tasks.ts';
import { buildEvent, buildJob } from '../adapters/jobs.ts';
import { CALLER, requestFor } from '../http/requests.ts';
import { createServices, NOW } from './services.ts';

const at = (secondsAgo: number) => new Date(NOW - secondsAgo * 1000).toISOString();
const plan: JobPlan = {
  kind: 'ranges',
  bytes: 1000,
  shards: 8,
  chunkBytes: 64,
  chunks: 16,
  csv: {
    delimiter: ',',
    columns: {
      names: [],
      index: { item: 0, day: 1, impressions: 2, clicks: 3, spend: 4, ctr: -1 },
      currency: 'GBP',
    },
    dayFormat: null,
    dataStart: 10,
    dataLine: 2,
  },
};
const scanning = (changes: Partial<Job> = {}) =>
  buildJob({
    state: 'PROCESSING',
    waitingFor: null,
    createdAt: at(20),
    startedAt: at(10),
    plan,
    phase: { name: 'scan', round: 0, tasks: 16, dispatched: true },
    ...changes,
  });

function requestOf(job: Pick<Job, 'id'>, changes: Partial<ApiRequest> = {}): ApiRequest {
  return requestFor('getJob', { parameters: { jobId: job.id }, ...changes });
}

async function read(cloud: ReturnType<typeof createServices>, job: Job): Promise<JobAnswer> {
  return jobAnswerSchema.parse((await getJob(cloud.services, requestOf(job))).body);
}

function codeOf(error: unknown): string {
  return error instanceof Problem ? error.code : String(error);
}

describe('a job', () => {
  it('shows how far it has come, stage by stage', async () => {
    const cloud = createServices();
    const job = scanning();
    const ref = { tenant: 'acme', jobId: job.id };
    cloud.store.create(job, [buildEvent('r3', { state: 'PROCESSING', at: at(8.8) })]);
    for (let chunk = 0; chunk < 7; chunk++) {
      cloud.store.commit(scanSet(job, plan, 0), chunk, { first: 0, next: 0, rows: 100, rejected: 2 });
    }
    const failure = { kind: 'attempt_failed', state: 'PROCESSING', attempt: 1 } as const;
    // Chunk 3 was done at the second attempt, 11 is still waiting for it.
    cloud.store.append(ref, buildEvent('1-scan-3-1', { ...failure, task: 'scan 3', at: at(5) }));
    cloud.store.append(ref, buildEvent('1-scan-11-1', { ...failure, task: 'scan 11', at: at(4) }));
    cloud.store.append(ref, buildEvent('1-scan-11-2', { ...failure, task: 'scan 11', at: at(3) }));

    const { progress } = await read(cloud, job);
    expect(progress).toEqual({
      percent: 31,
      etaSeconds: 23,
      rowsRead: 700,
      rowsRejected: 14,
      retrying: 1,
      stages: [
        { name: 'plan', state: 'done', done: null, total: null, attemptsFailed: 0, seconds: 1.2 },
        { name: 'scan', state: 'running', done: 7, total: 16, attemptsFailed: 3, seconds: null },
        { name: 'analyse', state: 'waiting', done: 0, total: 8, attemptsFailed: 0, seconds: null },
        { name: 'report', state: 'waiting', done: null, total: null, attemptsFailed: 0, seconds: null },
      ],
    });
  });

  it.each([
    [buildJob({ state: 'AWAITING_UPLOAD' }), ['waiting', 'waiting', 'waiting', 'waiting']],
    [buildJob({ state: 'PLANNING' }), ['running', 'waiting', 'waiting', 'waiting']],
    [scanning(), ['done', 'running', 'waiting', 'waiting']],
    [scanning({ phase: { name: 'analyse', dispatched: true } }), ['done', 'done', 'running', 'waiting']],
    [
      scanning({ state: 'REPORTING', phase: { name: 'report', dispatched: true } }),
      ['done', 'done', 'done', 'running'],
    ],
    [scanning({ state: 'SUCCEEDED' }), ['done', 'done', 'done', 'done']],
    [buildJob({ state: 'FAILED' }), ['failed', 'waiting', 'waiting', 'waiting']],
    [scanning({ state: 'FAILED' }), ['done', 'failed', 'waiting', 'waiting']],
    [scanning({ state: 'CANCELLED' }), ['done', 'stopped', 'waiting', 'waiting']],
  ])('$state has its stages in order', async (job, states) => {
    const cloud = createServices();
    cloud.store.create(job, []);
    expect((await read(cloud, job)).progress.stages.map(({ state }) => state)).toEqual(states);
  });

  it('links to its results once there are some, and to its cancellation until it is over', async () => {
    const cloud = createServices();
    const [open, done] = [scanning(), scanning({ state: 'SUCCEEDED' })];
    for (const job of [open, done]) cloud.store.create(job, []);
    const self = `/api/jobs/${open.id}`;
    expect((await read(cloud, open)).links).toEqual({
      self,
      events: `${self}/events`,
      cancel: `${self}/cancel`,
      items: null,
      result: null,
      report: null,
      actionQueue: null,
    });
    const { links } = await read(cloud, done);
    expect(links.cancel).toBeNull();
    expect(links.report).toBe(`/api/jobs/${done.id}/report.csv`);
  });

  it('that failed says why, and what helps', async () => {
    const cloud = createServices();
    const error = { code: 'missing_columns', message: 'No clicks.', remedy: null, resumable: false } as const;
    const job = buildJob({ state: 'FAILED', error: { ...error, announced: true } });
    cloud.store.create(job, []);
    expect((await read(cloud, job)).error).toEqual({
      code: 'missing_columns',
      title: 'Required columns are missing',
      detail: 'No clicks.',
      remedy: 'Name the columns in mapping.',
      retryable: false,
    });
  });

  it.each([
    [5, '1'],
    [10, '2'],
    [59, '2'],
    [60, '5'],
  ])('of %d s shall be asked for again after %s s', async (age, seconds) => {
    const cloud = createServices();
    const job = scanning({ createdAt: at(age) });
    cloud.store.create(job, []);
    expect((await getJob(cloud.services, requestOf(job))).headers?.['Retry-After']).toBe(seconds);
    const over = scanning({ state: 'CANCELLED' });
    cloud.store.create(over, []);
    expect((await getJob(cloud.services, requestOf(over))).headers?.['Retry-After']).toBeUndefined();
  });

  it('is not there for another tenant, under another id, or under none', async () => {
    const { services, store } = createServices();
    const job = scanning();
    store.create(job, []);
    const other = { ...CALLER, tenant: 'other' };
    for (const verb of [getJob, cancelJob, listEvents]) {
      await expect(verb(services, requestOf(job, { caller: other })).catch(codeOf)).resolves.toBe(
        'not_found',
      );
      await expect(verb(services, requestOf({ id: 'job_1' })).catch(codeOf)).resolves.toBe('not_found');
      await expect(verb(services, requestOf(buildJob())).catch(codeOf)).resolves.toBe('not_found');
    }
    expect(store.get({ tenant: 'acme', jobId: job.id })?.state).toBe('PROCESSING');
  });
});

describe('waiting for a job', () => {
  const waiting = (job: Job, headers: Record<string, string> = {}, deadline = Number.MAX_SAFE_INTEGER) =>
    requestOf(job, { headers: { prefer: 'wait=20', ...headers }, deadline });

  it('ends with the first change', async () => {
    const cloud = createServices();
    const job = scanning();
    cloud.store.create(job, []);
    cloud.onPause((pause) => {
      if (pause === 3) cloud.store.commit(scanSet(job, plan, 0), 0, { rows: 1, rejected: 0 });
    });
    const { body, headers } = await getJob(cloud.services, waiting(job));
    expect(cloud.pauses()).toBe(3);
    expect(jobAnswerSchema.parse(body).progress.rowsRead).toBe(1);
    expect(headers?.['Preference-Applied']).toBe('wait=20');
  });

  it('ends after the time that was asked for, or before the request has to', async () => {
    const job = scanning();
    const pausesOf = async (request: ApiRequest) => {
      const cloud = createServices();
      cloud.store.create(job, []);
      await getJob(cloud.services, request);
      return cloud.pauses();
    };
    expect(await pausesOf(waiting(job))).toBe(40);
    expect(await pausesOf(waiting(job, {}, NOW + 3000))).toBe(6);
    expect(await pausesOf(waiting(job, { prefer: 'wait=900' }))).toBe(40);
    expect(await pausesOf(requestOf(job))).toBe(0);
  });

  it('does not begin when the job is over, or is not what the client has', async () => {
    const cloud = createServices();
    const [over, open] = [scanning({ state: 'CANCELLED' }), scanning()];
    for (const job of [over, open]) cloud.store.create(job, []);
    await getJob(cloud.services, waiting(over));
    await getJob(cloud.services, waiting(open, { 'if-none-match': '"older"' }));
    expect(cloud.pauses()).toBe(0);
  });

  it('without news is a 304 to who has it, although the estimate moved', async () => {
    const cloud = createServices();
    const job = scanning();
    cloud.store.create(job, []);
    cloud.store.commit(shardSet(job, plan), 0, {});
    cloud.store.commit(scanSet(job, plan, 0), 0, { rows: 1, rejected: 0 });
    const tag = (await getJob(cloud.services, requestOf(job))).headers?.['ETag'] ?? '';
    expect(tag).toMatch(/^W\/"/);
    const request = waiting(job, { 'if-none-match': tag });
    const response = await getJob(cloud.services, request);
    expect(cloud.pauses()).toBe(40);
    const head = { method: 'GET', requestId: 'req_1', headers: request.headers };
    expect((await toWire(head, response)).status).toBe(304);
  });
});

describe('cancelling', () => {
  it('asks the job to stop, and says so', async () => {
    const { services, store, sent } = createServices();
    const job = scanning();
    store.create(job, []);
    const { status, body } = await cancelJob(services, requestOf(job));
    expect(status).toBe(202);
    expect(jobAnswerSchema.parse(body)).toMatchObject({ state: 'CANCELLING', links: { cancel: null } });
    expect(sent).toEqual([{ type: 'cancel', tenant: 'acme', jobId: job.id }]);
  });

  it('leaves a job that is over as it is', async () => {
    const { services, store, sent } = createServices();
    const job = scanning({ state: 'SUCCEEDED' });
    store.create(job, []);
    const { status, body } = await cancelJob(services, requestOf(job));
    expect([status, jobAnswerSchema.parse(body).state]).toEqual([200, 'SUCCEEDED']);
    expect(sent).toEqual([]);
  });
});

describe('events', () => {
  it('come oldest first, page by page, each once, also when more are written meanwhile', async () => {
    const { services, store } = createServices();
    const job = scanning();
    const ref = { tenant: 'acme', jobId: job.id };
    store.create(job, []);
    const write = (i: number) => store.append(ref, buildEvent(`e${i}`, { at: at(100 - i) }));
    for (let i = 0; i < 5; i++) write(i);
    const seen: string[] = [];
    let cursor: string | null = null;
    for (let pages = 0; pages < 10; pages++) {
      const query: Record<string, string[]> = { limit: ['2'], ...(cursor !== null && { cursor: [cursor] }) };
      const request = requestFor('listEvents', { parameters: { jobId: job.id }, query });
      const page = eventPageSchema.parse((await listEvents(services, request)).body);
      seen.push(...page.data.map(({ id }) => id));
      write(5);
      cursor = page.page.next;
      if (cursor === null) break;
    }
    expect(seen).toEqual(['e0', 'e1', 'e2', 'e3', 'e4', 'e5']);
  });
});
