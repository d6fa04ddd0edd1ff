import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDynamoJobStore } from '../../lambdas/adapters/dynamodb-job-store.ts';
import type { Job } from '../../lambdas/contracts/job.ts';
import { handler as cancel } from '../../lambdas/functions/cancel.ts';
import { handler as redrive } from '../../lambdas/functions/redrive.ts';
import { buildJob } from '../adapters/jobs.ts';
import { INVOCATION, startCloud } from './cloud.ts';

const cloud = await startCloud();
const { environment, server } = cloud;
const jobs = createDynamoJobStore({ ...cloud.table, clock: { now: Date.now }, keepSeconds: 1000 });

beforeAll(() => {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterAll(() => vi.restoreAllMocks());
beforeEach(() => server.reset());

async function store(changes: Partial<Job>): Promise<Job> {
  const job = buildJob(changes);
  await jobs.create(job, []);
  return job;
}

function failed(): Promise<Job> {
  const error = { code: 'internal', message: 'No.', remedy: null, resumable: true, announced: true } as const;
  return store({ state: 'FAILED', error, finishedAt: new Date().toISOString() });
}

async function stateOf({ id }: Job): Promise<string | undefined> {
  return (await jobs.get({ tenant: 'acme', jobId: id }))?.state;
}

async function bodies(url: string): Promise<unknown[]> {
  return (await cloud.receive(url)).map(({ Body = '' }) => JSON.parse(Body));
}

describe('cancel', () => {
  it('stops a job and says its state', async () => {
    const job = await store({});
    expect(await cancel({ tenant: 'acme', jobId: job.id }, INVOCATION)).toEqual({
      jobId: job.id,
      state: 'CANCELLING',
    });
    expect(await bodies(environment.ANALYSIS_QUEUE_URL)).toEqual([
      { type: 'cancel', tenant: 'acme', jobId: job.id },
    ]);
  });

  it('knows only jobs of the tenant', async () => {
    const job = await store({});
    await expect(cancel({ tenant: 'other', jobId: job.id }, INVOCATION)).rejects.toThrow(
      'other has no job job_',
    );
    expect(await stateOf(job)).toBe('PENDING');
  });

  it('refuses what names no job', async () => {
    await expect(cancel({ tenant: 'acme' }, INVOCATION)).rejects.toThrow(/jobId/);
  });
});

describe('redrive', () => {
  it('starts one failed job again', async () => {
    const job = await failed();
    const answer = await redrive({ tenant: 'acme', jobId: job.id }, INVOCATION);
    expect(answer).toEqual({ jobId: job.id, state: 'PENDING', run: 1 });
    expect(await bodies(environment.ANALYSIS_QUEUE_URL)).toMatchObject([
      { type: 'plan', jobId: job.id, run: 1 },
    ]);
  });

  it('empties a dead-letter queue: every letter has one fate, and no job starts twice', async () => {
    const [broken, running, done] = [
      await failed(),
      await store({ state: 'PROCESSING' }),
      await store({ state: 'SUCCEEDED' }),
    ];
    const scan = ({ id }: Job, chunk: number) =>
      ({ type: 'scan', tenant: 'acme', jobId: id, run: 1, round: 0, chunk, first: null }) as const;
    const letters = environment.SIGNATURE_DEAD_LETTERS_URL;
    for (const chunk of [1, 2, 3]) await cloud.send(letters, scan(broken, chunk));
    await cloud.send(letters, scan(running, 4));
    await cloud.send(letters, scan(done, 5));
    await cloud.send(letters, 'nobody can read this');

    const answer = await redrive({ queue: 'signature' }, INVOCATION);
    expect(answer).toEqual({ jobs: [broken.id], redriven: 3, returned: 1, dropped: 1, left: 1 });
    expect(await stateOf(broken)).toBe('PENDING');
    expect(await bodies(environment.ANALYSIS_QUEUE_URL)).toMatchObject([{ type: 'plan', jobId: broken.id }]);
    expect(await bodies(environment.SIGNATURE_QUEUE_URL)).toEqual([scan(running, 4)]);
    const { ready = [], inflight = [] } = server.inspectQueue('signature-dead-letters')?.messages ?? {};
    expect([...ready, ...inflight.map(({ message }) => message)].map(({ body }) => body)).toEqual([
      'nobody can read this',
    ]);
  });

  it('sends uploads to be accepted again', async () => {
    const object = { key: 'uploads/acme/inbox/a.csv', size: 1, etag: 'e', 'version-id': 'v' };
    const event = {
      source: 'aws.s3',
      'detail-type': 'Object Created',
      time: '2026-03-01T10:00:00Z',
      detail: { bucket: { name: 'data' }, object },
    };
    await cloud.send(environment.ANALYSIS_DEAD_LETTERS_URL, event);
    expect(await redrive({ queue: 'analysis' }, INVOCATION)).toMatchObject({ returned: 1, left: 0 });
    expect(await bodies(environment.ANALYSIS_QUEUE_URL)).toEqual([event]);
  });

  it('leaves the letter of a job whose refused file is gone', async () => {
    const error = {
      code: 'missing_columns',
      message: 'No.',
      remedy: null,
      resumable: false,
      announced: true,
    } as const;
    const job = await store({ state: 'FAILED', error });
    await cloud.send(environment.REPORT_DEAD_LETTERS_URL, {
      type: 'report',
      tenant: 'acme',
      jobId: job.id,
      run: 1,
    });
    expect(await redrive({ queue: 'report' }, INVOCATION)).toMatchObject({ left: 1, jobs: [] });
    expect(await stateOf(job)).toBe('FAILED');
  });

  it('takes no more letters than it is told', async () => {
    for (let letter = 0; letter < 15; letter++)
      await cloud.send(environment.REPORT_DEAD_LETTERS_URL, 'unreadable');
    expect(await redrive({ queue: 'report', limit: 12 }, INVOCATION)).toMatchObject({ left: 12 });
  });

  it.each([{}, { queue: 'lunch' }, { tenant: 'acme', jobId: 'x' }, { queue: 'report', limit: 0 }])(
    'refuses %j',
    async (request) => {
      await expect(redrive(request, INVOCATION)).rejects.toThrow();
    },
  );
});
