import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDynamoJobStore } from '../../lambdas/adapters/dynamodb-job-store.ts';
import { createS3ObjectStore } from '../../lambdas/adapters/s3-object-store.ts';
import type { Job } from '../../lambdas/contracts/job.ts';
import { documentKey } from '../../lambdas/contracts/object-keys.ts';
import { jobIdOf } from '../../lambdas/domain/job/job-id.ts';
import { handler as planUpload } from '../../lambdas/functions/plan-upload.ts';
import { handler as scanAndAnalyse } from '../../lambdas/functions/scan-and-analyse.ts';
import { handler as sweep } from '../../lambdas/functions/sweep.ts';
import { handler as writeReport } from '../../lambdas/functions/write-report.ts';
import { AwsError } from '../../local/auth/errors.ts';
import { buildJob } from '../adapters/jobs.ts';
import { INVOCATION, startCloud } from './cloud.ts';

const cloud = await startCloud();
const { environment, bucket, server } = cloud;
const jobs = createDynamoJobStore({ ...cloud.table, clock: { now: Date.now }, keepSeconds: 1000 });
const objects = createS3ObjectStore(bucket.client, bucket.name);

let lines: Record<string, unknown>[] = [];

beforeAll(() => {
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
    lines.push(JSON.parse(String(line)));
    return true;
  });
});
afterAll(() => vi.restoreAllMocks());

beforeEach(() => {
  lines = [];
  bucket.before.hook = null;
  server.reset();
});

function csv(items: number, days: number, note = ''): string {
  const rows = Array.from({ length: items * days }, (_, row) => {
    const day = new Date(Date.UTC(2026, 0, 1 + (row % days))).toISOString().slice(0, 10);
    return `creative-${Math.floor(row / days)},${day},1000,${150 - (row % days)},12.5,${note}`;
  });
  return ['creative,date,impressions,clicks,spend,note', ...rows, ''].join('\n');
}

/** Puts a file into the inbox. @returns the event of it, and the id its job will have */
async function upload(name: string, body: string | Uint8Array): Promise<{ event: unknown; jobId: string }> {
  const key = `uploads/acme/inbox/${name}`;
  const { VersionId, ETag } = await bucket.client.send(
    new PutObjectCommand({ Bucket: bucket.name, Key: key, Body: body }),
  );
  const object = { key, size: body.length, etag: ETag?.replaceAll('"', ''), 'version-id': VersionId };
  const time = '2026-03-01T10:00:00Z';
  const detail = { bucket: { name: bucket.name }, object };
  return {
    event: { source: 'aws.s3', 'detail-type': 'Object Created', time, detail },
    jobId: jobIdOf(Date.parse(time), `${key}\n${VersionId}`),
  };
}

function jobOf(jobId: string): Promise<Job | null> {
  return jobs.get({ tenant: 'acme', jobId });
}

/** Delivers messages until there are none. */
async function drain(): Promise<void> {
  for (let received = 1; received > 0; ) {
    received = 0;
    for (const [url, worker] of [
      [environment.ANALYSIS_QUEUE_URL, planUpload],
      [environment.SIGNATURE_QUEUE_URL, scanAndAnalyse],
      [environment.REPORT_QUEUE_URL, writeReport],
    ] as const) {
      received += (await cloud.deliver(url, worker)).received;
    }
  }
}

describe('a function', () => {
  it('says which variables it lacks, and works once they are there', async () => {
    const { event } = await upload('early.csv', csv(1, 20));
    await cloud.send(environment.ANALYSIS_QUEUE_URL, event);
    await expect(cloud.deliver(environment.ANALYSIS_QUEUE_URL, planUpload)).rejects.toThrow(/JOBS_TABLE/);
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    await cloud.send(environment.ANALYSIS_QUEUE_URL, event);
    expect(await cloud.deliver(environment.ANALYSIS_QUEUE_URL, planUpload)).toEqual({
      received: 1,
      failed: [],
    });
  });
});

describe('an upload', () => {
  it('that is small is analysed by one worker', async () => {
    const { event, jobId } = await upload('small.csv', csv(3, 40));
    await cloud.send(environment.ANALYSIS_QUEUE_URL, event);
    await cloud.deliver(environment.ANALYSIS_QUEUE_URL, planUpload);
    expect(await jobOf(jobId)).toMatchObject({ state: 'PENDING' });
    await cloud.deliver(environment.ANALYSIS_QUEUE_URL, planUpload);
    expect(await jobOf(jobId)).toMatchObject({ state: 'SUCCEEDED', totals: { items: 3 } });
    const report = await objects.get(documentKey({ tenant: 'acme', jobId, run: 1 }));
    expect(JSON.parse(Buffer.from(report!).toString()).items).toHaveLength(3);
  });

  it('that is large goes through all three queues', async () => {
    const { event, jobId } = await upload('large.csv', csv(1100, 120, 'x'.repeat(480)));
    await cloud.send(environment.ANALYSIS_QUEUE_URL, event);
    await drain();
    expect(await jobOf(jobId)).toMatchObject({
      state: 'SUCCEEDED',
      plan: { kind: 'ranges', chunks: 2 },
      rows: { read: 132_000, rejected: 0 },
    });
    const metrics = lines.filter((line) => '_aws' in line);
    expect(metrics.reduce((sum, line) => sum + Number(line['ChunksScanned'] ?? 0), 0)).toBe(2);
    expect(metrics.at(-1)).toMatchObject({
      JobsSucceeded: 1,
      _aws: { CloudWatchMetrics: [{ Namespace: 'test' }] },
    });
    const done = lines.filter(({ message }) => message === 'The message is done.');
    expect(done.at(-1)).toMatchObject({
      level: 'info',
      lambdaRequestId: INVOCATION.awsRequestId,
      receiveCount: 1,
      work: { type: 'report', jobId },
    });
    // Of every message, the event of the upload too, the log names the job.
    expect(done).toHaveLength(1 + 1 + 2 + 1 + 1);
    // And a request, although nobody made one: the same for all of them.
    const requestId = expect.stringMatching(/^req_/);
    for (const line of done) expect(line).toMatchObject({ tenant: 'acme', jobId, requestId });
    expect(new Set(done.map((line) => line['requestId'])).size).toBe(1);
    // But for the event, after which there is hardly anything to do.
    const taken = lines.filter(({ message }) => message === 'The message is taken up.');
    expect(taken).toHaveLength(done.length - 1);
  });

  it('that cannot be read fails its job, which is told, and comes not again', async () => {
    server.createQueue('inbox');
    server.subscribe({ topic: 'alerts', queue: 'inbox' });
    const { event, jobId } = await upload('poison.csv', 'a,b\n1,2\n');
    await cloud.send(environment.ANALYSIS_QUEUE_URL, event);
    await cloud.deliver(environment.ANALYSIS_QUEUE_URL, planUpload);
    expect(await cloud.deliver(environment.ANALYSIS_QUEUE_URL, planUpload)).toEqual({
      received: 1,
      failed: [],
    });
    expect(await jobOf(jobId)).toMatchObject({
      state: 'FAILED',
      error: { code: 'missing_columns', announced: true },
    });
    const line = { message: 'The message is failed.', code: 'missing_columns', jobId };
    expect(lines).toContainEqual(expect.objectContaining(line));
    const alert = server.inspectQueue('inbox')?.messages.ready[0]?.body ?? '';
    expect(JSON.parse(alert).Subject).toContain('missing_columns');
  });
});

describe('a message', () => {
  it('that failed comes again after its own delay, and no other does', async () => {
    const { event, jobId } = await upload('flaky.csv', csv(1, 20));
    bucket.before.hook = () => {
      throw new AwsError(503, 'SlowDown', 'Reduce your request rate.');
    };
    await cloud.send(environment.ANALYSIS_QUEUE_URL, event);
    await cloud.send(environment.ANALYSIS_QUEUE_URL, {
      type: 'cancel',
      tenant: 'acme',
      jobId: buildJob().id,
    });
    const { received, failed } = await cloud.deliver(environment.ANALYSIS_QUEUE_URL, planUpload);
    expect({ received, failed: failed.length }).toEqual({ received: 2, failed: 1 });
    expect(cloud.hiddenSeconds('analysis')).toEqual([5]);
    expect(lines.find(({ level }) => level === 'error')).toMatchObject({
      message: 'The task failed and is tried again in 5 s.',
      receiveCount: 1,
      tenant: 'acme',
      jobId,
      error: { answer: { httpStatusCode: 503 } },
    });
    expect(await jobOf(jobId)).toBeNull();
  });

  it.each([
    { what: 'is no JSON', body: 'hello' },
    { what: 'is of no known type', body: '{"type":"dance"}' },
    {
      what: 'belongs to another queue',
      body: { type: 'report', tenant: 'acme', jobId: buildJob().id, run: 1 },
    },
  ])('that $what is handed on to the dead letters without delay', async ({ body }) => {
    await cloud.send(environment.ANALYSIS_QUEUE_URL, body);
    expect((await cloud.deliver(environment.ANALYSIS_QUEUE_URL, planUpload)).failed).toHaveLength(1);
    expect(await cloud.receive(environment.ANALYSIS_QUEUE_URL)).toHaveLength(1);
    expect(lines.at(0)).toMatchObject({
      level: 'error',
      message: expect.stringMatching(/cannot be read|carries no/),
    });
    if (typeof body !== 'string') return;
    expect(lines.at(0)).toMatchObject({
      bytes: body.length,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(JSON.stringify(lines)).not.toMatch(/hello|dance/);
  });
});

describe('the sweeper', () => {
  it('answers with what it did to which job', async () => {
    const stranded = buildJob({ touchedAt: '2026-01-01T00:00:00.000Z' });
    await jobs.create(stranded, []);
    expect(await sweep({}, INVOCATION)).toEqual({ [stranded.id]: 'resumed' });
    const [message] = await cloud.receive(environment.ANALYSIS_QUEUE_URL);
    expect(JSON.parse(message?.Body ?? '')).toMatchObject({ type: 'plan', jobId: stranded.id });
    expect(lines).toContainEqual(
      expect.objectContaining({ jobId: stranded.id, message: 'The job is resumed.' }),
    );
    expect(lines).toContainEqual(expect.objectContaining({ JobsResumed: 1 }));
  });

  it('counts what lies in every dead-letter queue, nothing too', async () => {
    await sweep({}, INVOCATION);
    const none = { analysis: 0, signature: 0, report: 0, deliveries: 0, undeliveredUploads: 0 };
    expect(lines).toContainEqual(expect.objectContaining({ level: 'info', deadLetters: none }));
    expect(lines).toContainEqual(expect.objectContaining({ DeadLetters: 0 }));
    lines = [];
    await cloud.send(environment.SIGNATURE_DEAD_LETTERS_URL, 'one');
    await cloud.send(environment.SIGNATURE_DEAD_LETTERS_URL, 'two');
    await cloud.send(environment.UNDELIVERED_UPLOADS_URL, 'three');
    // One that is being looked at is still there.
    await cloud.receive(environment.UNDELIVERED_UPLOADS_URL);
    await sweep({}, INVOCATION);
    const deadLetters = { ...none, signature: 2, undeliveredUploads: 1 };
    expect(lines).toContainEqual(expect.objectContaining({ level: 'warn', deadLetters }));
    expect(lines).toContainEqual(expect.objectContaining({ DeadLetters: 3 }));
  });

  it('looks after jobs although a queue cannot be asked, and says that it could not', async () => {
    const stranded = buildJob({ touchedAt: '2026-01-01T00:00:00.000Z' });
    await jobs.create(stranded, []);
    vi.stubEnv('REPORT_DEAD_LETTERS_URL', `${environment.REPORT_DEAD_LETTERS_URL}-that-is-not-there`);
    try {
      await expect(sweep({}, INVOCATION)).rejects.toMatchObject({
        name: /NonExistentQueue|QueueDoesNotExist/,
      });
    } finally {
      vi.stubEnv('REPORT_DEAD_LETTERS_URL', environment.REPORT_DEAD_LETTERS_URL);
    }
    expect(lines).toContainEqual(
      expect.objectContaining({ jobId: stranded.id, message: 'The job is resumed.' }),
    );
  });
});
