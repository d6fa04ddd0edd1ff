import { describe, expect, it } from 'vitest';
import type { Job } from '../../lambdas/contracts/job.ts';
import { METRICS } from '../../lambdas/contracts/metric-names.ts';
import type { JobState } from '../../lambdas/domain/job/states.ts';
import { cancelJob } from '../../lambdas/pipeline/cancel.ts';
import { readProgress } from '../../lambdas/pipeline/read-progress.ts';
import { type BatchEntry, submitBatch } from '../../lambdas/pipeline/submit-batch.ts';
import { sweep } from '../../lambdas/pipeline/sweep.ts';
import { named } from '../simulation/datasets.ts';
import { Bench } from './run-pipeline.ts';

const plain = named('plain');
const HOUR_MS = 3_600_000;

/** A job that has just come to a state, with its messages waiting. */
async function jobIn(state: JobState): Promise<{ bench: Bench; ref: { tenant: string; jobId: string } }> {
  const heavy = state === 'PENDING' ? { heavyBytes: 1, heavyPerMinute: 1 } : {};
  const bench = new Bench({ ...plain.settings, ...heavy });
  if (state === 'PENDING')
    bench.store.take('acme', 'heavy-analysis', { capacity: 1, refillPerMinute: 1 }, bench.now);
  const announced = await bench.announce(plain);
  const ref = { tenant: 'acme', jobId: announced.id };
  if (state === 'AWAITING_UPLOAD') return { bench, ref };
  bench.upload(announced.source.key, plain.bytes);
  const isThere = ({ state: now, waitingFor }: Job) =>
    now === state && (state !== 'PENDING' || waitingFor === 'tenant_limit');
  await bench.drain(() => isThere(bench.job(ref)));
  expect(bench.job(ref).state).toBe(state);
  return { bench, ref };
}

describe('cancelling', () => {
  it.each(['AWAITING_UPLOAD', 'PENDING', 'PROCESSING', 'REPORTING'] as const)(
    'a job that is %s leaves nothing that goes on',
    async (state) => {
      const { bench, ref } = await jobIn(state);
      expect((await cancelJob(bench.context, ref))?.state).toBe('CANCELLING');
      const keys = [...bench.store.objects.keys()];
      await bench.drain();
      const job = bench.job(ref);
      expect(job.state).toBe('CANCELLED');
      expect(job.totals).toBeNull();
      expect([...bench.store.objects.keys()]).toEqual(keys);
      expect(bench.store.counts.get(METRICS.jobsCancelled)).toBe(1);
      expect(bench.store.failures).toEqual([]);
    },
  );

  it('a job that is over changes nothing', async () => {
    const { bench, ref } = await jobIn('SUCCEEDED');
    const before = bench.job(ref);
    expect(await cancelJob(bench.context, ref)).toEqual(before);
    await bench.drain();
    expect(bench.job(ref)).toEqual(before);
  });

  it('is confirmed by the sweeper when its message got lost', async () => {
    const { bench, ref } = await jobIn('PROCESSING');
    await cancelJob(bench.context, ref);
    bench.waiting = [];
    bench.now += HOUR_MS;
    expect(await sweep(bench.context)).toEqual(new Map([[ref.jobId, 'cancelled']]));
    expect(bench.job(ref).state).toBe('CANCELLED');
  });

  it('nothing of another tenant', async () => {
    const { bench, ref } = await jobIn('PROCESSING');
    expect(await cancelJob(bench.context, { ...ref, tenant: 'globex' })).toBeNull();
    expect(bench.job(ref).state).toBe('PROCESSING');
  });
});

describe('the limit of heavy analyses', () => {
  it('lets jobs wait visibly and start at the agreed pace, and refuses none', async () => {
    const bench = new Bench({ ...plain.settings, heavyBytes: 1000, heavyPerMinute: 10 });
    const refs = [];
    for (let i = 0; i < 13; i++) {
      const { tenant, id, source } = await bench.announce(plain, 'acme', `heavy ${i}`);
      bench.upload(source.key, plain.bytes);
      refs.push({ tenant, jobId: id });
    }
    await bench.drain(() => bench.waiting.every(({ visibleAt }) => visibleAt > bench.now));
    const waiting = refs.filter((ref) => bench.job(ref).waitingFor === 'tenant_limit');
    expect(waiting).toHaveLength(3);
    expect(waiting.every((ref) => bench.job(ref).state === 'PENDING')).toBe(true);
    expect(bench.store.counts.get(METRICS.jobsDelayed)).toBe(3);
    await bench.drain();
    expect(refs.every((ref) => bench.job(ref).state === 'SUCCEEDED')).toBe(true);
    const starts = refs.map((ref) => Date.parse(bench.job(ref).startedAt ?? '')).sort((a, b) => a - b);
    for (const [i, start] of starts.slice(10).entries()) {
      // Tokens come back every 6 s after the first ten.
      expect(start - (starts[0] ?? 0)).toBeGreaterThanOrEqual(6000 * (i + 1));
    }
  });

  it('is each tenant’s own', async () => {
    const bench = new Bench({ ...plain.settings, heavyBytes: 1000, heavyPerMinute: 1 });
    for (const tenant of ['acme', 'globex']) {
      const { source } = await bench.announce(plain, tenant);
      bench.upload(source.key, plain.bytes);
    }
    await bench.drain();
    expect(bench.store.counts.get(METRICS.jobsDelayed)).toBeUndefined();
  });

  it('keeps one message of a waiting job on its way, however many come', async () => {
    const { bench, ref } = await jobIn('PENDING');
    const plan = { type: 'plan', ...ref, run: 1 } as const;
    const before = bench.waiting.length;
    for (let i = 0; i < 5; i++) expect(await bench.handle(plan)).toMatchObject({ outcome: 'waiting' });
    expect(bench.waiting).toHaveLength(before);
  });
});

describe('the sweeper', () => {
  it('sends again only what is missing, and gives up after three times in vain', async () => {
    const { bench, ref } = await jobIn('PROCESSING');
    const first = bench.waiting.shift()?.message ?? expect.fail('no message');
    await bench.handle(first);
    const missing = bench.waiting.map(({ message }) => message);
    bench.waiting = [];
    bench.now += HOUR_MS;
    expect((await sweep(bench.context)).get(ref.jobId)).toBe('moving');
    for (let i = 0; i < 3; i++) {
      bench.now += HOUR_MS;
      bench.waiting = [];
      expect((await sweep(bench.context)).get(ref.jobId)).toBe('resumed');
      expect(bench.waiting.map(({ message }) => message)).toEqual(missing);
    }
    bench.now += HOUR_MS;
    expect((await sweep(bench.context)).get(ref.jobId)).toBe('failed');
    expect(bench.job(ref).error?.message).toContain('3 times did not help');
    expect(bench.store.failures).toHaveLength(1);
  });

  it('ends what it resumes', async () => {
    const { bench, ref } = await jobIn('REPORTING');
    bench.waiting = [];
    bench.now += HOUR_MS;
    await sweep(bench.context);
    await bench.drain();
    expect(bench.job(ref).state).toBe('SUCCEEDED');
  });

  it('looks after the others when one job makes trouble, and says so', async () => {
    const { bench, ref } = await jobIn('PROCESSING');
    const other = await bench.announce(plain, 'acme', 'other');
    bench.waiting = [];
    bench.now += 25 * HOUR_MS;
    const { queue } = bench.context;
    const down = async () => {
      throw new Error('the queue is down');
    };
    const failing = { ...bench.context, queue: { ...queue, send: down } };
    await expect(sweep(failing)).rejects.toMatchObject({ errors: [new Error('the queue is down')] });
    expect(bench.job({ tenant: 'acme', jobId: other.id }).state).toBe('EXPIRED');
    expect(bench.job(ref).state).toBe('PROCESSING');
  });

  it('leaves alone what was written lately', async () => {
    const { bench } = await jobIn('PROCESSING');
    bench.now += 60_000;
    expect((await sweep(bench.context)).size).toBe(0);
  });
});

describe('progress', () => {
  it('counts tasks by their weight, and says when results expire', async () => {
    const { bench, ref } = await jobIn('PROCESSING');
    const percents: number[] = [];
    while (bench.waiting.length > 0) {
      const { percent } = await readProgress(bench.context, bench.job(ref));
      percents.push(percent);
      bench.now += 1000;
      await bench.handle(bench.waiting.shift()?.message ?? expect.fail());
    }
    // Five chunks, three shards, the report.
    expect(percents).toEqual([5, 17, 29, 41, 53, 65, 75, 85, 95]);
    const job = bench.job(ref);
    expect(await readProgress(bench.context, job)).toEqual({
      percent: 100,
      etaSeconds: null,
      rowsRead: 128,
      rowsRejected: 0,
      bytesRead: plain.bytes.length,
      chunks: { done: 5, total: 5 },
      shards: { done: 3, total: 3 },
    });
    expect(Date.parse(job.resultExpiresAt ?? '') - bench.now).toBe(30 * 24 * HOUR_MS);
  });

  it('foretells the end at the pace so far', async () => {
    const { bench, ref } = await jobIn('PROCESSING');
    expect((await readProgress(bench.context, bench.job(ref))).etaSeconds).toBeNull();
    for (let i = 0; i < 2; i++) await bench.handle(bench.waiting.shift()?.message ?? expect.fail());
    bench.now += 29_000;
    expect(await readProgress(bench.context, bench.job(ref))).toMatchObject({ percent: 29, etaSeconds: 71 });
  });
});

describe('a batch', () => {
  const entry = (input: BatchEntry['input']): BatchEntry => ({
    name: 'entry',
    datasetId: 'ds_1',
    input,
    hints: {},
    parameters: {},
  });
  const document = (clicks: number) =>
    Buffer.from(JSON.stringify({ items: [{ id: 'A', day: '2025-01-01', impressions: 1000, clicks }] }));

  it('becomes one job each, the same ones when it is sent again', async () => {
    const bench = new Bench();
    const { versionId } = bench.store.put('uploads/acme/inbox/a.csv', named('small').bytes);
    const entries = [entry({ key: 'uploads/acme/inbox/a.csv', versionId }), entry({ document: document(7) })];
    const batch = { tenant: 'acme', submissionId: 'sub-1', submittedAt: bench.now, entries };
    const ids = await submitBatch(bench.context, batch);
    bench.now += 5000;
    expect(await submitBatch(bench.context, batch)).toEqual(ids);
    await bench.drain();
    const jobs = ids.map((jobId) => bench.job({ tenant: 'acme', jobId }));
    expect(jobs.map(({ state }) => state)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    expect(jobs.map(({ totals }) => totals?.items)).toEqual([4, 1]);
    expect(bench.store.jobs.size).toBe(2);
    expect(
      new Set(await submitBatch(bench.context, { ...batch, submissionId: 'sub-2' })).has(ids[0] ?? ''),
    ).toBe(false);
  });

  it('may have 1,000 datasets and no more', async () => {
    const bench = new Bench();
    const entries = Array.from({ length: 1000 }, (_, i) => entry({ document: document(i) }));
    const batch = { tenant: 'acme', submissionId: 's', submittedAt: bench.now, entries };
    const ids = await submitBatch(bench.context, batch);
    expect(new Set(ids).size).toBe(1000);
    expect([...ids].sort()).not.toEqual(ids);
    for (const size of [0, 1001]) {
      const wrong = {
        ...batch,
        entries: Array.from({ length: size }, () => entry({ document: document(1) })),
      };
      await expect(submitBatch(bench.context, wrong)).rejects.toMatchObject({ code: 'invalid_request' });
    }
  });

  it.each(['uploads/acme/inbox/missing.csv', 'uploads/globex/inbox/a.csv', 'reports/acme/x/1/result.json'])(
    'makes no job when it names a file that is not the tenant’s: %s',
    async (key) => {
      const bench = new Bench();
      bench.store.put('uploads/globex/inbox/a.csv', document(1));
      bench.store.put('reports/acme/x/1/result.json', document(1));
      const entries = [entry({ document: document(1) }), entry({ key, versionId: null })];
      const batch = { tenant: 'acme', submissionId: 's', submittedAt: bench.now, entries };
      await expect(submitBatch(bench.context, batch)).rejects.toMatchObject({ code: 'invalid_request' });
      expect(bench.store.jobs.size).toBe(0);
    },
  );
});
